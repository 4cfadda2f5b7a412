import ArgumentParser
import Engine

/// Files into a service's containers or out of one, docker compose's way.
struct Copy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp",
        abstract: "Copy files between a service's containers and the host.",
        discussion: """
            `SERVICE:PATH` is in the containers, whether they run or not: files go into each of them \
            and come out of the first. A folder that is there gets what is copied under its own \
            name, or, of `dir/.`, its content. `-` is a tar: on stdin as the source, on stdout as \
            the destination.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Flag(help: "Containers that `run` made, too.")
    var all = false

    @Option(help: ArgumentHelp("Which container of the service.", valueName: "number"))
    var index: Int?

    @OptionGroup var flags: CopyFlags

    @Argument(
        help: ArgumentHelp("What is copied.", valueName: "service:src_path"),
        completion: .services
    )
    var source: String

    @Argument(
        help: ArgumentHelp("Whereto.", valueName: "dest_path|-"),
        completion: .file()
    )
    var destination: String

    func run() async throws {
        let direction: CopyEnds.Direction
        do {
            direction = try CopyEnds.direction(source, destination)
        } catch is CopyEnds.Both {
            throw Failure("copying between services is not supported")
        } catch is CopyEnds.Neither {
            throw Failure("unknown copy direction: one of both is SERVICE:PATH")
        }
        let scope = try ProjectScope(project)
        switch direction {
        case .out(let service, let path, let target):
            let (containers, session) = try await containers(of: service, scope)
            guard let container = containers.first else { return }
            guard !project.dryRun else { return rehearse([container]) }
            try await session.copy(
                out: (container.id, container.name),
                path,
                to: target,
                flags
            )
            report(container)
        case .into(let service, let path, let source):
            let (containers, session) = try await containers(of: service, scope)
            guard !project.dryRun else { return rehearse(containers) }
            guard source != "-" || containers.count == 1 else {
                throw Failure(
                    "a tar on stdin can be read once, and service \"\(service)\" has "
                        + "\(containers.count) containers; choose one with --index"
                )
            }
            for container in containers {
                try await session.copy(
                    into: (container.id, container.name),
                    path,
                    from: source,
                    flags
                )
                report(container)
            }
        }
    }

    private func containers(
        of service: String,
        _ scope: ProjectScope
    ) async throws -> ([ContainerRecord], Session) {
        let session = try Session.openIfAny()
        let found = try await scope.containers(of: [service], in: session, withOneOff: all)
            .map(\.record)
            .sorted { left, right in
                guard left.isOneOff == right.isOneOff else { return right.isOneOff }
                return (left.number ?? 0) < (right.number ?? 0)
            }
        let index = index == 0 ? nil : index
        let chosen = found.filter { index == nil || $0.number == index && !$0.isOneOff }
        guard let session, !chosen.isEmpty else {
            throw Failure(
                index.map { "service \"\(service)\" has no container #\($0)" }
                    ?? "no container found for service \"\(service)\""
            )
        }
        return (chosen, session)
    }

    private func words(_ container: ContainerRecord) -> String {
        "copy \(source) to \(destination), container \(container.name)"
    }

    private func report(_ container: ContainerRecord) {
        Progress.message("\(container.name) copy \(source) to \(destination) Copied")
    }

    private func rehearse(_ containers: [ContainerRecord]) {
        DryRun.show(containers.map(words).joined(separator: "\n"))
    }
}
