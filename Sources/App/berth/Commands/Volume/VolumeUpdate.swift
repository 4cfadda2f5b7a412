import ArgumentParser
import Engine

extension VolumeGroup {
    /// Docker's verb for volumes of swarms, of which there is none here.
    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Update a volume of a swarm: there is none here.",
            discussion:
                "It is there for docker's words: a volume of this machine has nothing to update."
        )

        @Option(help: .hidden) var availability: String?

        @Argument(help: "Its name.", completion: .volumes)
        var volume: String

        func run() async throws {
            guard try await Session.openIfAny()?.engine.volume(named: volume) != nil else {
                throw Failure(engine: "get \(volume): no such volume")
            }
            throw Failure("can only update cluster volumes")
        }
    }
}
