import ArgumentParser

extension ContainerGroup {
    /// Everything about containers.
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show everything about one or more containers."
        )

        @OptionGroup var format: InspectFormat

        @Flag(name: .shortAndLong, help: "What it has written, and the size of its image with it.")
        var size = false

        @Argument(help: "Names and identifiers.", completion: .containers)
        var container: [String]

        func run() async throws {
            try await format.show(.container, container, withSizes: size)
        }
    }
}

extension NetworkGroup {
    /// Everything about networks.
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show everything about one or more networks."
        )

        @OptionGroup var format: InspectFormat

        @Flag(name: .shortAndLong, help: "Accepted: it says more about services of swarms only.")
        var verbose = false

        @Argument(help: "Names and identifiers.", completion: .networks)
        var network: [String]

        func run() async throws { try await format.show(.network, network) }
    }
}

extension VolumeGroup {
    /// Everything about volumes.
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show everything about one or more volumes."
        )

        @OptionGroup var format: InspectFormat

        @Argument(help: "Names.", completion: .volumes)
        var volume: [String]

        func run() async throws { try await format.show(.volume, volume) }
    }
}
