import ArgumentParser
import SystemPackage

/// What is in a container's file system beside its image.
struct StorageFlags: ServiceFlags {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("Mount a path or a volume.", valueName: "source:target[:options]"),
        completion: .file()
    )
    var volume: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Mount: type=bind,src=/a,dst=/b,ro.", valueName: "mount")
    )
    var mount: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Mount memory: /run:size=64m.", valueName: "target[:options]")
    )
    var tmpfs: [String] = []

    @Option(
        name: .customLong("volumes-from"),
        parsing: .singleValue,
        help: ArgumentHelp("Mount what another container has.", valueName: "container[:ro]"),
        completion: .containers
    )
    var volumesFrom: [String] = []

    @Option(
        name: .customLong("volume-driver"),
        help: ArgumentHelp("What makes volumes: local.", valueName: "name")
    )
    var volumeDriver: String?

    @Flag(name: .customLong("read-only"), help: "Let nothing of its image be changed.")
    var readOnly = false

    /// The mounts of `--mount`.
    func mounts() throws -> [MountFlag] { try mount.map { try MountFlag($0) } }

    func write(to service: inout FlaggedService) throws {
        if let volumeDriver, !["", "local"].contains(volumeDriver) {
            throw Self.refusal("--volume-driver \(volumeDriver)", "the driver of volumes is local")
        }
        for text in volume { try Self.checkMode(of: text) }
        let long = try mounts()
        try Self.checkTargets(volume.map(Self.target) + long.map(\.target))
        let all = volume.map { FlaggedService.Value.text($0) } + long.map(\.attribute)
        if !all.isEmpty { service.set("volumes", .list(all), by: "-v, --volume") }
        for (index, text) in (volume + mount).enumerated() {
            let flag = index < volume.count ? "-v, --volume" : "--mount"
            service.note("volumes[\(index)]", text, by: flag)
        }
        service.set("tmpfs", tmpfs, by: "--tmpfs")
        let others = volumesFrom.map { "container:\($0)" }
        service.set("volumes_from", others, by: "--volumes-from")
        service.set("read_only", ifOn: readOnly, by: "--read-only")
    }

    private static func target(of text: String) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return String(parts.count > 1 ? parts[1] : parts[0])
    }

    /// Nothing is mounted over what was mounted.
    private static func checkTargets(_ targets: [String]) throws {
        var known: Set<FilePath> = []
        for target in targets {
            let path = FilePath(target).lexicallyNormalized()
            guard known.insert(path).inserted else {
                throw Failure(engine: "Duplicate mount point: \(path)")
            }
        }
    }

    /// What may stand behind a volume's target, one of each line; as docker's engine has it
    /// (moby, volume/mounts/linux_parser.go). A compose file says no more than a warning of others.
    private static let modes: [Set<Substring>] = [
        ["ro", "rw"], ["z", "Z"], ["nocopy"], ["consistent", "cached", "delegated"],
        ["private", "rprivate", "shared", "rshared", "slave", "rslave"],
    ]

    /// Refuses a mode that is unknown, or two of the same kind: a slip in `ro` would be writable.
    private static func checkMode(of text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return }
        let words = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        let kinds = words.map { word in modes.firstIndex { $0.contains(word) } }
        guard !kinds.contains(nil), Set(kinds).count == kinds.count else {
            throw Failure(engine: "invalid mode: \(parts[2])")
        }
    }
}
