import ArgumentParser

/// Limits that a container has from its beginning to its end.
struct FixedLimitFlags: ServiceFlags {
    @Option(
        name: .customLong("ulimit"),
        parsing: .singleValue,
        help: ArgumentHelp("A limit of each process: nofile=1024:2048.", valueName: "limit")
    )
    var ulimit: [String] = []

    @Option(
        name: .customLong("memory-swappiness"),
        parsing: .unconditional,
        help: ArgumentHelp("How readily it is swapped out, 0 to 100.", valueName: "percent")
    )
    var memorySwappiness: String?

    @Flag(name: .customLong("oom-kill-disable"), help: "Let it wait where memory is short.")
    var oomKillDisable = false

    @Option(
        name: .customLong("oom-score-adj"),
        parsing: .unconditional,
        help: ArgumentHelp("How readily it is killed, -1000 to 1000.", valueName: "number")
    )
    var oomScoreAdj: String?

    @Option(
        name: .customLong("blkio-weight-device"),
        parsing: .singleValue,
        help: ArgumentHelp("Its share of one disk.", valueName: "device:weight")
    )
    var weightDevice: [String] = []

    @Option(
        name: .customLong("device-read-bps"),
        parsing: .singleValue,
        help: ArgumentHelp("Bytes a second it may read.", valueName: "device:bytes")
    )
    var readBytes: [String] = []

    @Option(
        name: .customLong("device-write-bps"),
        parsing: .singleValue,
        help: ArgumentHelp("Bytes a second it may write.", valueName: "device:bytes")
    )
    var writeBytes: [String] = []

    @Option(
        name: .customLong("device-read-iops"),
        parsing: .singleValue,
        help: ArgumentHelp("Reads a second.", valueName: "device:number")
    )
    var readOperations: [String] = []

    @Option(
        name: .customLong("device-write-iops"),
        parsing: .singleValue,
        help: ArgumentHelp("Writes a second.", valueName: "device:number")
    )
    var writeOperations: [String] = []

    @Option(
        name: .customLong("shm-size"),
        help: ArgumentHelp("Size of /dev/shm.", valueName: "bytes")
    )
    var shmSize: String?

    @Option(
        name: .customLong("storage-opt"),
        parsing: .singleValue,
        help: ArgumentHelp("How its files are kept.", valueName: "key=value")
    )
    var storageOpt: [String] = []

    func write(to service: inout FlaggedService) throws {
        var limits: [String: FlaggedService.Value] = [:]
        for text in ulimit {
            let (name, value) = try Self.limit(text)
            limits[name] = value
            service.note("ulimits.\(name)", text, by: "--ulimit")
        }
        if !limits.isEmpty { service.set("ulimits", .map(limits), by: "--ulimit") }
        if memorySwappiness != "-1" {
            service.set("mem_swappiness", memorySwappiness, by: "--memory-swappiness")
        }
        service.set("oom_kill_disable", ifOn: oomKillDisable, by: "--oom-kill-disable")
        service.set("oom_score_adj", oomScoreAdj, by: "--oom-score-adj")
        for (attribute, key, texts) in [
            ("weight_device", "weight", weightDevice), ("device_read_bps", "rate", readBytes),
            ("device_write_bps", "rate", writeBytes), ("device_read_iops", "rate", readOperations),
            ("device_write_iops", "rate", writeOperations),
        ] where !texts.isEmpty {
            let flag =
                "--"
                + ((key == "weight" ? "blkio_" : "") + attribute).replacing("_", with: "-")
            let items = try texts.map { try Self.ofDevice($0, key, flag) }
            service.set("blkio_config.\(attribute)", .list(items), by: flag)
        }
        service.set("shm_size", shmSize, by: "--shm-size")
        if !storageOpt.isEmpty {
            service.set("storage_opt", .map(Self.pairs(storageOpt)), by: "--storage-opt")
        }
    }

    /// `nofile=1024:2048`, `nproc=10`.
    private static func limit(_ text: String) throws -> (String, FlaggedService.Value) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw mistake(text, of: "--ulimit", "invalid ulimit argument: \(text)")
        }
        let values = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            .map(String.init)
        guard values.count <= 2, values.allSatisfy({ Int64($0) != nil }) else {
            throw mistake(text, of: "--ulimit", "invalid ulimit argument: \(text)")
        }
        let (soft, hard) = (values[0], values.count == 2 ? values[1] : values[0])
        return (String(parts[0]), .map(["soft": .text(soft), "hard": .text(hard)]))
    }

    /// `/dev/sda:10mb`
    private static func ofDevice(
        _ text: String,
        _ key: String,
        _ flag: String
    ) throws -> FlaggedService.Value {
        guard let colon = text.lastIndex(of: ":"), text.hasPrefix("/dev/") else {
            throw mistake(text, of: flag, "bad format: \(text)")
        }
        let value = String(text[text.index(after: colon)...])
        return .map(["path": .text(String(text[..<colon])), key: .text(value)])
    }
}
