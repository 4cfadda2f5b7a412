import ArgumentParser
import ContainerRuntime
import Engine
import Glibc
import Supervisor

extension ContainerGroup {
    /// Removes containers.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove containers.",
            aliases: ["remove"]
        )

        @Flag(name: .shortAndLong, help: "Kill those that run.")
        var force = false

        @Flag(name: .shortAndLong, help: "Remove their anonymous volumes, too.")
        var volumes = false

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            var named = NamedContainers(containers)
            named.forgivesMissing = force
            try await named.each { [force, volumes] target in
                try Self.check(target.record, force)
                let lock = try await target.engine.convergenceLock(ofProject: target.project)
                defer { withExtendedLifetime(lock) {} }
                if target.isAlive {
                    try await target.supervised { client in
                        try await client.stop(
                            target.record.id,
                            grace: .zero,
                            signal: SIGKILL
                        )
                    }
                }
                try await target.engine.removeContainers(
                    [target.record.id],
                    withAnonymousVolumes: volumes
                )
            }
        }

        private static func check(_ record: ContainerRecord, _ force: Bool) throws {
            guard !force, record.status == .running || record.status == .restarting else { return }
            let reason =
                record.isPaused
                ? "container is paused and must be unpaused first"
                : record.status == .restarting
                    ? "container is restarting: stop the container before removing or force remove"
                    : "container is running: stop the container before removing or force remove"
            throw Failure(engine: "cannot remove container \"\(record.name)\": \(reason)")
        }
    }
}
