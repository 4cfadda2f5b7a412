import ArgumentParser
import ContainerRuntime
import Engine

extension VolumeGroup {
    /// A volume of the user's own.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create a volume.",
            discussion: """
                Without a name it is an anonymous one. One that is there already is left as it is. \
                Compose files use it as `external: true`.
                """
        )

        @Option(name: .shortAndLong, help: "local.", completion: .list(["local"]))
        var driver = "local"

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("Of its labels.", valueName: "key=value")
        )
        var label: [String] = []

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp(
                "Of its driver: type, device and o, as docker's.",
                valueName: "key=value"
            )
        )
        var opt: [String] = []

        @OptionGroup var refused: RefusedVolumeFlags

        @Argument(help: ArgumentHelp("Its name.", valueName: "name"))
        var volume: String?

        func run() async throws {
            try refused.check()
            guard driver == "local" else {
                let name = volume ?? ""
                throw Failure(
                    engine: "create \(name): error looking up volume plugin \(driver): "
                        + "plugin \"\(driver)\" not found"
                )
            }
            var request = VolumeRequest(name: volume ?? ContainerID.random().text)
            request.isAnonymous = volume == nil
            request.driverOptions = try KeyedValues.pairs(opt, of: "-o, --opt")
            request.labels = KeyedValues.labels(label)
            if volume == nil { request.labels["com.docker.volume.anonymous"] = "" }
            let session = try Session.open()
            Terminal.line(try await session.engine.createVolume(request).name)
        }
    }
}

/// What only volumes of swarms have: refused by name, with the reason.
struct RefusedVolumeFlags: ParsableArguments {
    @Option(help: .hidden) var availability: String?
    @Option(help: .hidden) var group: String?
    @Option(name: .customLong("limit-bytes"), help: .hidden) var limitBytes: String?
    @Option(name: .customLong("required-bytes"), help: .hidden) var requiredBytes: String?
    @Option(help: .hidden) var scope: String?
    @Option(help: .hidden) var secret: String?
    @Option(help: .hidden) var sharing: String?
    @Option(name: .customLong("topology-preferred"), help: .hidden) var topologyPreferred: String?
    @Option(name: .customLong("topology-required"), help: .hidden) var topologyRequired: String?
    @Option(help: .hidden) var type: String?

    func check() throws {
        let asked: [(flag: String, value: String?)] = [
            ("--availability", availability), ("--group", group), ("--limit-bytes", limitBytes),
            ("--required-bytes", requiredBytes), ("--scope", scope), ("--secret", secret),
            ("--sharing", sharing), ("--topology-preferred", topologyPreferred),
            ("--topology-required", topologyRequired), ("--type", type),
        ]
        if let flag = asked.first(where: { $0.value != nil })?.flag {
            throw Failure("\(flag): it is for volumes of swarms, and berth works on one machine")
        }
    }
}
