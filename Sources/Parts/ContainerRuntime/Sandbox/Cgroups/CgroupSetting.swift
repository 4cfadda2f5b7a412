import Glibc

/// One value in one file of a cgroup.
struct CgroupSetting: Hashable, Sendable {
    var controller: String
    var file: String
    var value: String
    /// What the user asked for, as a warning names it; nil when nobody asked: failing is silent.
    var meaning: String?
    /// The file reads as it was written, so that it can be compared later.
    var isReadable = true

    var isRealtime: Bool { file.hasPrefix("cpu.rt_") }

    init(_ controller: String, _ file: String, _ value: String, _ meaning: String? = nil) {
        self.controller = controller
        self.file = file
        self.value = value
        self.meaning = meaning
    }
}

extension ResourceLimits {
    /// The limits in the files of version 2. What it has no file for is here by the name of version
    /// 1: that it is not there is what the user is told.
    var unifiedSettings: [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let memoryBytes {
            settings.append(CgroupSetting("memory", "memory.max", "\(memoryBytes)", "memory limit"))
            settings += unifiedSwap(memoryBytes)
            // A container that lost one process to the limit is rarely of use.
            settings.append(CgroupSetting("memory", "memory.oom.group", "1"))
        }
        if let bytes = memoryReservationBytes {
            settings.append(CgroupSetting("memory", "memory.low", "\(bytes)", "memory reservation"))
        }
        settings += reclaimSettings + processSettings
        if let cpuShares {
            let weight = Self.weight(shares: cpuShares)
            settings.append(CgroupSetting("cpu", "cpu.weight", "\(weight)", "CPU shares"))
        }
        if let bandwidth {
            let quota = bandwidth.quota.flatMap { $0 > 0 ? "\($0)" : nil } ?? "max"
            let period = bandwidth.period ?? Self.defaultPeriod
            settings.append(CgroupSetting("cpu", "cpu.max", "\(quota) \(period)", "CPU limit"))
        }
        if let cpuSet {
            settings.append(CgroupSetting("cpuset", "cpuset.cpus", cpuSet, "set of CPUs"))
        }
        if let memoryNodes {
            settings.append(CgroupSetting("cpuset", "cpuset.mems", memoryNodes, "memory nodes"))
        }
        return settings
    }

    /// Version 2 counts swap alone. As much swap again as memory is Docker's default of twice the
    /// limit for both together.
    private func unifiedSwap(_ memoryBytes: Int64) -> [CgroupSetting] {
        guard let both = memorySwapBytes else {
            return [CgroupSetting("memory", "memory.swap.max", "\(memoryBytes)")]
        }
        let value = both < 0 ? "max" : "\(max(0, both - memoryBytes))"
        return [CgroupSetting("memory", "memory.swap.max", value, "limit of memory and swap")]
    }

    /// The limits in the files of version 1; the period before the quota that is measured by it,
    /// the memory limit before the one that includes swap.
    var legacySettings: [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let memoryBytes {
            settings.append(
                CgroupSetting("memory", "memory.limit_in_bytes", "\(memoryBytes)", "memory limit")
            )
            settings += legacySwap(memoryBytes)
        }
        if let bytes = memoryReservationBytes {
            let file = "memory.soft_limit_in_bytes"
            settings.append(CgroupSetting("memory", file, "\(bytes)", "memory reservation"))
        }
        settings += reclaimSettings + processSettings
        if let cpuShares {
            settings.append(CgroupSetting("cpu", "cpu.shares", "\(cpuShares)", "CPU shares"))
        }
        if let period = bandwidth?.period {
            settings.append(CgroupSetting("cpu", "cpu.cfs_period_us", "\(period)", "CPU limit"))
        }
        if let quota = bandwidth?.quota {
            settings.append(CgroupSetting("cpu", "cpu.cfs_quota_us", "\(quota)", "CPU limit"))
        }
        if let cpuSet {
            settings.append(CgroupSetting("cpuset", "cpuset.cpus", cpuSet, "set of CPUs"))
        }
        if let memoryNodes {
            settings.append(CgroupSetting("cpuset", "cpuset.mems", memoryNodes, "memory nodes"))
        }
        return settings + realtimeSettings
    }

    private func legacySwap(_ memoryBytes: Int64) -> [CgroupSetting] {
        let file = "memory.memsw.limit_in_bytes"
        guard let both = memorySwapBytes else {
            let twice = memoryBytes.multipliedReportingOverflow(by: 2)
            return twice.overflow ? [] : [CgroupSetting("memory", file, "\(twice.partialValue)")]
        }
        if both < 0 {
            // A new group has no limit, but one that is changed may. It reads as a number.
            var unlimited = CgroupSetting("memory", file, "-1")
            unlimited.isReadable = false
            return [unlimited]
        }
        return [CgroupSetting("memory", file, "\(both)", "limit of memory and swap")]
    }

    /// Of version 1 alone.
    private var reclaimSettings: [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let swappiness = memorySwappiness {
            let value = "\(swappiness)"
            settings.append(CgroupSetting("memory", "memory.swappiness", value, "swappiness"))
        }
        if oomKillIsDisabled == true {
            var setting = CgroupSetting("memory", "memory.oom_control", "1", "oom_kill_disable")
            setting.isReadable = false
            settings.append(setting)
        }
        return settings
    }

    private var realtimeSettings: [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let period = cpuRealtimePeriodMicroseconds {
            settings.append(CgroupSetting("cpu", "cpu.rt_period_us", "\(period)", "real-time"))
        }
        if let runtime = cpuRealtimeRuntimeMicroseconds {
            settings.append(CgroupSetting("cpu", "cpu.rt_runtime_us", "\(runtime)", "real-time"))
        }
        return settings
    }

    private var processSettings: [CgroupSetting] {
        guard let maximumProcesses else { return [] }
        let value = maximumProcesses < 0 ? "max" : "\(maximumProcesses)"
        return [CgroupSetting("pids", "pids.max", value, "limit of processes")]
    }

    /// Time in a period, as it was asked for or as a number of processors comes to.
    private var bandwidth: (quota: Int64?, period: Int64?)? {
        if let nanoCPUs { return (max(1000, nanoCPUs / 10_000), Self.defaultPeriod) }
        guard cpuQuotaMicroseconds != nil || cpuPeriodMicroseconds != nil else { return nil }
        return (cpuQuotaMicroseconds, cpuPeriodMicroseconds)
    }

    private static let defaultPeriod: Int64 = 100_000

    /// Shares of version 1 (2…262144) on the scale of version 2 (1…10000): a curve through the
    /// smallest, the default and the largest of both, so that 1024 are 100 (runc since 1.3.2, crun
    /// since 1.23).
    static func weight(shares: Int64) -> Int64 {
        if shares <= 2 { return 1 }
        if shares >= 262_144 { return 10_000 }
        let power = log2(Double(shares))
        let exponent = (power * power + 125 * power) / 612 - 7.0 / 34
        return Int64(pow(10, exponent).rounded(.up))
    }
}
