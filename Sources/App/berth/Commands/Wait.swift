import ArgumentParser
import ContainerRuntime
import Engine
import Reconciler
import Supervisor
import Synchronization

/// Waits for containers to end.
struct Wait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until containers of services have ended, and end with their exit code.",
        discussion: "Of several the code of the one that ended last counts."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(name: .customLong("down-project"), help: "Take the project down afterwards.")
    var downsProject = false

    @Argument(help: "The services.", completion: .services)
    var services: [String]

    func run() async throws {
        let scope = try ProjectScope(project)
        let session = try Session.openIfAny()
        let running = try await scope.containers(of: services, in: session, withOneOff: true)
            .map(\.record).filter { $0.status == .running || $0.status == .restarting }
        guard let session, !running.isEmpty else {
            throw Failure(
                "no containers for project \"\(scope.name)\": none of "
                    + "\(services.joined(separator: ", ")) runs"
            )
        }
        if project.dryRun {
            return DryRun.show("wait for \(running.map(\.name).joined(separator: ", "))")
        }
        let client = try session.client(of: scope.name)
        let last = try await Self.ends(of: running, client)
        await client.disconnect()
        if downsProject {
            var down = try Down.parse([])
            down.project = project
            down.removeOrphans = true
            try await down.run()
        }
        throw Failure(silent: last)
    }

    /// Prints how each ended; gives the code of the last.
    private static func ends(
        of containers: [ContainerRecord],
        _ client: SupervisorClient
    ) async throws -> Int32 {
        try await withThrowingTaskGroup(of: (ContainerID, Int32).self) { group in
            for container in containers {
                group.addTask { (container.id, try await client.end(of: container.id)) }
            }
            var last: Int32 = 0
            for try await (id, code) in group {
                Terminal.line("container \"\(id.text)\" exited with status code \(code)")
                last = code
            }
            return last
        }
    }
}

extension SupervisorClient {
    /// Waits until the present run of a container has ended, as docker does, also where its restart
    /// policy starts it again; gives its exit code.
    func end(of container: ContainerID) async throws -> Int32 {
        switch try await wait(for: container, until: .exited) {
        case .exited(let code), .exitedAgain(let code, _): code
        case .met, .unhealthy, .noHealthcheck: 0
        }
    }
}

extension Session {
    /// Speaks with a project's supervisor.
    func client(of project: String) throws -> SupervisorClient {
        SupervisorClient(
            project: project,
            layout: layout,
            command: try Programs.supervisor(),
            notice: { Progress.message("warning: \($0)") }
        )
    }
}
