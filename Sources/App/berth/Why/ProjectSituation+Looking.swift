import Addresses
import OrderedCollections
import TextForms
import Compose
import ContainerRuntime
import DockerViews
import Engine
import Reconciler

extension ProjectSituation {
    /// What is known of a project without its file, or of the services that its file has.
    init(_ scope: ProjectScope) {
        if let project = scope.project {
            self.init(project)
        } else {
            self.init(name: scope.name)
        }
    }

    /// The services of a file.
    init(_ project: Project) {
        self.init(name: project.name)
        let all = Array(project.services) + Array(project.disabledServices)
        services = Dictionary(
            all.map { ($0.key, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        disabled = Set(project.disabledServices.keys)
    }

    /// Adds what the records and the kernel have, with the last lines of what does not run well.
    mutating func look(at observed: [ObservedContainer], lines: Int, _ session: Session)
        async throws
    {
        for container in observed.sorted(by: { $0.record.name < $1.record.name }) {
            guard let service = container.record.service,
                !container.record.isOneOff || container.record.isOfHook
            else { continue }
            var found = Container(record: container.record)
            // `try?`: what nobody can read is left out of what is told.
            found.spec = try? container.record.spec
            found.health = try? HealthLog.read(
                from: session.layout.container(container.record.id.text)
            )
            let isWell =
                container.record.status == .running && container.record.health != .unhealthy
            if lines > 0, !isWell {
                found.lines = try await Self.lastLines(lines, of: container.record.id, session)
            }
            if container.record.isOfHook {
                hooks[service, default: []].append(found)
            } else {
                containers[service, default: []].append(found)
            }
        }
    }

    private static func lastLines(
        _ count: Int,
        of id: ContainerID,
        _ session: Session
    ) async throws -> [String] {
        var selection = LogSelection()
        selection.tail = count
        var lines: [String] = []
        try await session.engine.readLogs(of: [id], selection) { batch in
            for line in batch {
                var bytes = line.bytes[...]
                if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
                let shown = TerminalEscaping.line(bytes)
                lines.append(String(decoding: shown, as: UTF8.self).cut(toColumns: 300))
            }
        }
        return lines.suffix(count)
    }

    /// Adds what `up` of one service would do, and what is in its way.
    mutating func foresee(_ service: String, of project: Project, _ session: Session) async throws {
        var outlook = Outlook()
        var options = UpOptions()
        options.services = [service]
        options.ignoresOrphans = true
        do {
            outlook.plan = try await session.forecast(project, options)
        } catch let error as ReconcilerError {
            outlook.obstacles = error.problems.map(\.description)
        } catch let error as EngineError {
            outlook.obstacles = [error.description]
        }
        for port in project.services[service]?.ports ?? [] {
            if let words = await session.engine.obstacle(toPublishing: port) {
                outlook.heldPorts.append(words)
            }
        }
        outlooks[service] = outlook
    }
}

extension Engine {
    /// Why a port of the file cannot be published now; nil where it can, or where any free one is
    /// asked for.
    fileprivate func obstacle(toPublishing port: PortDeclaration) async -> String? {
        guard let range = port.published, range.count == 1,
            let transport = PortBinding.Transport(rawValue: port.transport.rawValue)
        else { return nil }
        return await obstacle(
            to: PortBinding(
                hostAddress: port.hostAddress.map { "\($0)" } ?? "0.0.0.0",
                hostPort: range.first,
                containerPort: port.target,
                transport: transport
            )
        )
    }
}
