import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine

extension VolumeGroup {
    /// Volumes away.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove one or more volumes, with what is in them.",
            discussion: "One that a container has stays, whether that runs or not.",
            aliases: ["remove"]
        )

        @Flag(name: .shortAndLong, help: "One that is not there is no error.")
        var force = false

        @Argument(help: "Names.", completion: .volumes)
        var volume: [String]

        func run() async throws {
            let session = try Session.openIfAny()
            var hasFailed = false
            for name in volume {
                do {
                    try await remove(name, session)
                    Terminal.line(name)
                } catch {
                    Failure(error)?.tell()
                    hasFailed = true
                }
            }
            if hasFailed { throw Failure(silent: 1) }
        }

        private func remove(_ name: String, _ session: Session?) async throws {
            guard let session, try await session.engine.volume(named: name) != nil else {
                if force { return }
                throw Failure(engine: "get \(name): no such volume")
            }
            do {
                try await session.engine.removeVolume(named: name)
            } catch let error as EngineError where error.kind == .inUse {
                let users = try await session.engine.volumeUses().filter { $0.volume == name }
                    .map(\.container.text)
                throw Failure(
                    engine: "remove \(name): volume is in use - [\(users.joined(separator: ", "))]"
                )
            }
        }
    }

    /// Volumes that no container has away.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove anonymous volumes that no container has."
        )

        @Flag(name: .shortAndLong, help: "Those with a name, too.")
        var all = false

        @OptionGroup var options: PlainPruneOptions

        func run() async throws {
            let filters = try options.read()
            guard !filters.hasTime else {
                throw Failure(engine: "The \"until\" filter is not supported with volumes")
            }
            let which = all ? "all local" : "anonymous local"
            guard
                options.asks(
                    "WARNING! This will remove \(which) volumes not used by at least one container."
                )
            else { return }
            let report = try await Session.openIfAny()?.engine.pruneVolumes(takesNamed: all) {
                filters.mean($0.labels)
            }
            if let names = report?.names, !names.isEmpty {
                for line in ["Deleted Volumes:"] + names + [""] { Terminal.line(line) }
            }
            Terminal.line("Total reclaimed space: \(HumanSize.decimal(report?.bytes ?? 0))")
        }
    }
}
