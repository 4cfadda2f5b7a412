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
        func wrong(_ reason: String) -> Failure { mistake(text, of: "--ulimit", reason) }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw wrong("invalid ulimit argument: \(text)")
        }
        guard limitNames.contains(parts[0]) else { throw wrong("invalid ulimit type: \(parts[0])") }
        let values = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard values.count <= 2 else {
            throw wrong(
                "too many limit value arguments - \(parts[1]), can only have up to two, "
                    + "`soft[:hard]`"
            )
        }
        let numbers = try values.map { value in
            guard let number = Int64(value) else {
                throw wrong("strconv.ParseInt: parsing \"\(value)\": invalid syntax")
            }
            return number
        }
        let (soft, hard) = (numbers[0], numbers[numbers.count - 1])
        let rule = "ulimit soft limit must be less than or equal to hard limit: "
        if hard != -1, soft == -1 { throw wrong("\(rule)soft: -1 (unlimited), hard: \(hard)") }
        if hard != -1, soft > hard { throw wrong("\(rule)\(soft) > \(hard)") }
        return (String(parts[0]), .map(["soft": .text("\(soft)"), "hard": .text("\(hard)")]))
    }

    private static let limitNames: Set<Substring> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc",
        "rss", "rtprio", "rttime", "sigpending", "stack",
    ]

    /// `/dev/sda:10mb`
    private static func ofDevice(
        _ text: String,
        _ key: String,
        _ flag: String
    ) throws -> FlaggedService.Value {
        func wrong(_ reason: String) -> Failure { mistake(text, of: flag, reason) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.count == 2 else { throw wrong("bad format: \(text)") }
        guard parts[0].hasPrefix("/dev/") else {
            throw wrong("bad format for device path: \(text)")
        }
        let value = parts[1]
        if key == "weight" {
            guard let weight = UInt16(value), weight == 0 || (10...1000).contains(weight) else {
                throw wrong("invalid weight for device: \(text)")
            }
        } else if flag.hasSuffix("iops") {
            guard UInt64(value) != nil else {
                throw wrong(
                    "invalid rate for device: \(text). The correct format is "
                        + "<device-path>:<number>. Number must be a positive integer"
                )
            }
        } else if DockerValueRules.bytes(value) == nil {
            throw wrong(
                "invalid rate for device: \(text). The correct format is "
                    + "<device-path>:<number>[<unit>]. Number must be a positive integer. Unit is "
                    + "optional and can be kb, mb, or gb"
            )
        }
        return .map(["path": .text(parts[0]), key: .text(value)])
    }
}
