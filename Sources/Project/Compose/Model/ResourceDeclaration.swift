package import OrderedCollections

/// What a container may use of the machine, as the attributes of the service say it. `deploy` has
/// limits of its own; where both are given they are the same. nil says nothing.
package struct ResourceDeclaration: Hashable, Codable, Sendable {
    // Memory. -1 is no limit.
    /// compose-spec `mem_limit`.
    package var memLimitBytes: Int64?
    /// compose-spec `mem_reservation`.
    package var memReservationBytes: Int64?
    /// Memory and swap together.
    package var memswapLimitBytes: Int64?
    /// 0 to 100.
    package var memSwappiness: Int64?
    /// compose-spec `shm_size`.
    package var shmSizeBytes: Int64?
    /// compose-spec `oom_kill_disable`.
    package var oomKillDisable = false
    /// compose-spec `oom_score_adj`.
    package var oomScoreAdj: Int64?

    // Processors.
    /// How many at once.
    package var cpus: Double?
    /// compose-spec `cpu_shares`.
    package var cpuShares: Int64?
    /// compose-spec `cpu_period`.
    package var cpuPeriodMicroseconds: Int64?
    /// compose-spec `cpu_quota`.
    package var cpuQuotaMicroseconds: Int64?
    /// compose-spec `cpu_rt_period`.
    package var cpuRtPeriodMicroseconds: Int64?
    /// compose-spec `cpu_rt_runtime`.
    package var cpuRtRuntimeMicroseconds: Int64?
    /// compose-spec `cpuset`.
    package var cpuset: CPUSet?
    /// Of Windows.
    package var cpuCount: Int64?
    /// Of Windows.
    package var cpuPercent: Double?

    /// -1 is no limit.
    package var pidsLimit: Int64?
    /// By the name of setrlimit(2) in lower case: `nofile`.
    package var ulimits: OrderedDictionary<String, UlimitDeclaration> = [:]
    /// compose-spec `blkio_config`.
    package var blkioConfig: BlockIODeclaration?
    /// compose-spec `cgroup_parent`.
    package var cgroupParent: String?
    /// compose-spec `sysctls`.
    package var sysctls: OrderedDictionary<String, String> = [:]
    /// Says nothing yet.
    package init() {}
}

/// compose-spec `cpuset`: processors by number, `0-3,7`.
package struct CPUSet: Hashable, Codable, Sendable {
    /// In the order of the file.
    package var ranges: [ClosedRange<UInt32>] = []

    /// Reads numbers and ranges with commas between them; nil for anything else.
    package init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", omittingEmptySubsequences: false)
            guard bounds.count <= 2, let first = bounds.first.flatMap(Self.number),
                let last = bounds.last.flatMap(Self.number), first <= last
            else { return nil }
            ranges.append(first...last)
        }
    }

    /// As it is written in a file.
    package var text: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    private static func number(_ text: Substring) -> UInt32? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(text) : nil
    }
}

/// One entry of `ulimits`; -1 is no limit.
package struct UlimitDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `soft`.
    package var soft: Int64
    /// compose-spec `hard`.
    package var hard: Int64

    /// Says no more than what must be said.
    package init(soft: Int64, hard: Int64) {
        self.soft = soft
        self.hard = hard
    }

    /// Names of setrlimit(2), in lower case.
    static let names = [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
        "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ]
}
