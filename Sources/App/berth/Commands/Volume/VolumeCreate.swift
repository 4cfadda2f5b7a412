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

        @Argument(help: ArgumentHelp("Its name.", valueName: "name"))
        var volume: String?

        func run() async throws {
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
            request.labels = try KeyedValues.labels(label)
            if volume == nil { request.labels["com.docker.volume.anonymous"] = "" }
            try Self.check(request.name)
            let session = try Session.open()
            do {
                Terminal.line(try await session.engine.createVolume(request).name)
            } catch let error as EngineError where error.kind == .invalid {
                throw Failure(engine: "create \(request.name): \(error.reason)")
            }
        }

        /// docker's rule and words for a name.
        private static func check(_ name: String) throws {
            guard name.utf8.count != 1 else {
                throw Failure(
                    engine:
                        "create \(name): volume name is too short, names should be at least two "
                        + "alphanumeric characters"
                )
            }
            let letters = name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [95, 46, 45].contains(byte)
            }
            guard letters, name.utf8.first.map({ ![95, 46, 45].contains($0) }) == true else {
                throw Failure(
                    engine:
                        "create \(name): \"\(name)\" includes invalid characters for a local volume "
                        + "name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to "
                        + "pass a host directory, use absolute path"
                )
            }
        }
    }
}
