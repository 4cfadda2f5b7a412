import ArgumentParser
import ContainerRuntime
import DockerViews
import Engine

extension NetworkGroup {
    /// Networks away.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove one or more networks.",
            discussion: "One on which containers run stays.",
            aliases: ["remove"]
        )

        @Flag(name: .shortAndLong, help: "One that is not there is no error.")
        var force = false

        @Argument(help: "Names and identifiers.", completion: .networks)
        var network: [String]

        func run() async throws {
            let session = try Session.openIfAny()
            var hasFailed = false
            for name in network {
                do {
                    try await remove(name, session)
                    Terminal.line(name)
                } catch let error as EngineError where error.kind == .notFound && force {
                    continue
                } catch {
                    Failure(error)?.tell()
                    hasFailed = true
                }
            }
            if hasFailed { throw Failure(silent: 1) }
        }

        private func remove(_ name: String, _ session: Session?) async throws {
            let found = try await ListedNetwork.matching(name, in: session)
            guard let session, case .own(let record) = found, !found.isPredefined else {
                throw Failure(
                    engine: "\(found.name) is a pre-defined network and cannot be removed"
                )
            }
            do {
                try await session.engine.removeNetwork(
                    named: record.name,
                    disconnectsStopped: true
                )
            } catch let error as EngineError where error.kind == .inUse {
                let users = try await session.engine.observe(project: nil).containers
                    .filter { container in
                        [.running, .restarting].contains(container.record.status)
                            && container.endpoints.contains { $0.network == record.id }
                    }
                    .map { "name:\"\($0.record.name)\" id:\"\($0.record.id.short)\"" }
                throw Failure(
                    engine: "error while removing network: network \(record.name) has active "
                        + "endpoints (\(users.joined(separator: ", ")))"
                )
            }
        }
    }

    /// Networks that no container has away.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove all networks that no container is connected to."
        )

        @OptionGroup var options: PlainPruneOptions

        func run() async throws {
            let filters = try options.read()
            guard
                options.asks(
                    "WARNING! This will remove all custom networks not used by at least one "
                        + "container."
                )
            else { return }
            let names = try await Session.openIfAny()?.engine.pruneNetworks {
                filters.mean($0.createdAt, $0.labels)
            }
            guard let names, !names.isEmpty else { return }
            for line in ["Deleted Networks:"] + names + [""] { Terminal.line(line) }
        }
    }
}
