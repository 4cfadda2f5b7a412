/// One value in one file of a cgroup.
struct CgroupSetting: Hashable, Sendable {
    var controller: String
    var file: String
    var value: String
    /// What the user asked for, as a warning names it; nil when nobody asked: failing is silent.
    var meaning: String?

    init(_ controller: String, _ file: String, _ value: String, _ meaning: String? = nil) {
        self.controller = controller
        self.file = file
        self.value = value
        self.meaning = meaning
    }
}

extension ResourceLimits {
    /// The limits in the files of version 2.
    var unifiedSettings: [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let memoryBytes {
            settings.append(CgroupSetting("memory", "memory.max", "\(memoryBytes)", "memory limit"))
            // As much swap again: Docker's default of twice the limit for both together.
            settings.append(CgroupSetting("memory", "memory.swap.max", "\(memoryBytes)"))
            // A container that lost one process to the limit is rarely of use.
            settings.append(CgroupSetting("memory", "memory.oom.group", "1"))
        }
        settings += processSettings
        if let cpuShares {
            let weight = Self.weight(shares: cpuShares)
            settings.append(CgroupSetting("cpu", "cpu.weight", "\(weight)", "CPU shares"))
        }
        if cpuQuotaMicroseconds != nil || cpuPeriodMicroseconds != nil {
            let quota = cpuQuotaMicroseconds.flatMap { $0 > 0 ? "\($0)" : nil } ?? "max"
            let period = cpuPeriodMicroseconds ?? Self.defaultPeriod
            settings.append(CgroupSetting("cpu", "cpu.max", "\(quota) \(period)", "CPU limit"))
        }
        if let cpuSet {
            settings.append(CgroupSetting("cpuset", "cpuset.cpus", cpuSet, "set of CPUs"))
        }
        return settings
    }

    /// The limits in the files of version 1; the period before the quota that is measured by it,
    /// the memory limit before the one that includes swap.
    var legacySettings: [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let memoryBytes {
            settings.append(
                CgroupSetting("memory", "memory.limit_in_bytes", "\(memoryBytes)", "memory limit")
            )
            let both = memoryBytes.multipliedReportingOverflow(by: 2)
            if !both.overflow {
                let value = "\(both.partialValue)"
                settings.append(CgroupSetting("memory", "memory.memsw.limit_in_bytes", value))
            }
        }
        settings += processSettings
        if let cpuShares {
            settings.append(CgroupSetting("cpu", "cpu.shares", "\(cpuShares)", "CPU shares"))
        }
        if let period = cpuPeriodMicroseconds {
            settings.append(CgroupSetting("cpu", "cpu.cfs_period_us", "\(period)", "CPU limit"))
        }
        if let quota = cpuQuotaMicroseconds {
            settings.append(CgroupSetting("cpu", "cpu.cfs_quota_us", "\(quota)", "CPU limit"))
        }
        if let cpuSet {
            settings.append(CgroupSetting("cpuset", "cpuset.cpus", cpuSet, "set of CPUs"))
        }
        return settings
    }

    private var processSettings: [CgroupSetting] {
        guard let maximumProcesses else { return [] }
        let value = maximumProcesses < 0 ? "max" : "\(maximumProcesses)"
        return [CgroupSetting("pids", "pids.max", value, "limit of processes")]
    }

    private static let defaultPeriod: Int64 = 100_000

    /// Shares of version 1 (2…262144) on the scale of version 2 (1…10000), as runc converts them.
    static func weight(shares: Int64) -> Int64 {
        let shares = min(max(shares, 2), 262_144)
        return 1 + (shares - 2) * 9999 / 262_142
    }
}
