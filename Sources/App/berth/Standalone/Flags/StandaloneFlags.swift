import ArgumentParser
import Compose

/// What `run` and `create` of docker's command line say of their container.
struct StandaloneFlags {
    var creation: CreationFlags
    var process: ProcessFlags
    var network: NetworkFlags
    var storage: StorageFlags
    var limits: LimitFlags
    var fixedLimits: FixedLimitFlags
    var isolation: IsolationFlags
    var health: HealthFlags
    var labels: LabelFlags

    /// All of them as a service of a compose file; `command` is what stands behind the image.
    func service(_ command: [String]) throws -> FlaggedService {
        try checkTogether()
        var service = FlaggedService()
        let groups: [any ServiceFlags] = [
            creation, process, network, storage, limits, fixedLimits, isolation, health, labels,
        ]
        for group in groups { try group.write(to: &service) }
        if !command.isEmpty { service.set("command", .texts(command), by: "COMMAND") }
        return service
    }

    /// What flags of two groups say that does not go together.
    private func checkTogether() throws {
        if creation.removes, !["no", ""].contains(process.restart) {
            throw Failure(
                "conflicting options: cannot specify both --restart and --rm",
                exitCode: 125
            )
        }
        if process.hostname != nil, network.network.contains(where: { $0.hasPrefix("container:") })
        {
            throw Failure(engine: "conflicting options: hostname and the network mode")
        }
    }
}

/// A command that makes a container of flags. It has their groups itself, and not one group of them
/// all: to the parser each layer around options costs as much as everything in it.
protocol StandaloneCommand: AsyncParsableCommand {
    var creation: CreationFlags { get }
    var process: ProcessFlags { get }
    var network: NetworkFlags { get }
    var storage: StorageFlags { get }
    var limits: LimitFlags { get }
    var fixedLimits: FixedLimitFlags { get }
    var isolation: IsolationFlags { get }
    var health: HealthFlags { get }
    var labels: LabelFlags { get }
}

extension StandaloneCommand {
    var flags: StandaloneFlags {
        StandaloneFlags(
            creation: creation,
            process: process,
            network: network,
            storage: storage,
            limits: limits,
            fixedLimits: fixedLimits,
            isolation: isolation,
            health: health,
            labels: labels
        )
    }
}

/// How a container is made, and what becomes of it at its end.
struct CreationFlags: ServiceFlags {
    @Option(help: ArgumentHelp("The container's name; a random one without.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("Write the container's identifier to a file.", valueName: "path"),
        completion: .file()
    )
    var cidfile: String?

    @Option(
        help: ArgumentHelp(
            "When to pull the image: always, missing, never.",
            valueName: "when"
        ),
        completion: .list(["always", "missing", "never"])
    )
    var pull = "missing"

    @Option(help: ArgumentHelp("The image for this platform.", valueName: "os/arch"))
    var platform: String?

    @Flag(name: .shortAndLong, help: "Do not show an image that arrives.")
    var quiet = false

    @Flag(
        name: .customLong("rm"),
        help: "Remove the container, and its anonymous volumes, when it has ended."
    )
    var removes = false

    @Flag(
        name: .customLong("disable-content-trust"),
        inversion: .prefixedNo,
        exclusivity: .chooseLast,
        help: .hidden
    )
    var disablesContentTrust = true

    /// When the image is pulled.
    enum Pull: String { case always, missing, never }

    func write(to service: inout FlaggedService) throws {
        guard Pull(rawValue: pull) != nil else {
            throw Failure(
                "invalid pull option: '\(pull)': must be one of \"always\", \"missing\" or "
                    + "\"never\"",
                exitCode: 125
            )
        }
        guard disablesContentTrust else {
            throw Self.refusal("--disable-content-trust=false", "no signatures are checked")
        }
        service.set("platform", platform, by: "--platform")
    }

    /// What docker checks of a name before it makes anything.
    func checkName() throws {
        guard let name, !name.isEmpty else { return }
        try Self.check(name)
    }

    /// - Throws: for a name that no container can have, in docker's words.
    static func check(_ name: String) throws {
        let isFine = name.wholeMatch(of: /[a-zA-Z0-9][a-zA-Z0-9_.\-]+/) != nil
        guard !isFine else { return }
        throw Failure(
            engine: "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )
    }
}
