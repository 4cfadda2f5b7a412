import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Reconciler
import Supervisor
import Synchronization

/// What an attached `up` shows: the logs of containers, how they end, and which those are.
extension AttachedUp {
    /// Services of which what they write is kept nowhere: they are listened to, as docker compose does.
    var unlogged: Set<String> {
        Set(
            shown.filter {
                project.services[$0]?.logging?.kind == LoggingDeclaration.Driver.none
            }
        )
    }

    /// Listens to what runs already of those, or was started by somebody else.
    func attend(_ id: ContainerID, name: String, _ logs: LiveLogs) async {
        guard await !logs.follows(id) else { return }
        let engine = work.session.engine
        // `try?`: it has ended meanwhile, and nothing of it is left.
        guard let record = try? await engine.container(id),
            let connection = try? await engine.attach(to: record, givesInput: false)
        else { return }
        await logs.listen(to: connection, id, name: name)
    }

    /// The containers of services, without one-off ones.
    func containers(
        of services: [String]
    ) async throws -> [(id: ContainerID, name: String, service: String)] {
        try await work.session.engine.observe(project: work.name).containers.map(\.record)
            .filter { services.contains($0.service ?? "") && !$0.isOneOff }
            .map { ($0.id, $0.name, $0.service ?? "") }
    }

    /// Services whose ends are waited for: those asked for, without what they depend on.
    var watched: [String] {
        options.services.isEmpty ? Array(project.services.keys) : options.services
    }

    /// The service of these that a container belongs to by its name.
    func service(of container: String, among services: [String]) -> String? {
        services.first { name in
            guard let named = project.services[name]?.containerName else {
                return ["-", "_"].contains { sign in
                    let start = "\(work.name)\(sign)\(name)\(sign)"
                    return container.hasPrefix(start)
                        && container.dropFirst(start.count).allSatisfy(\.isNumber)
                }
            }
            return named == container
        }
    }

    /// Shows what happens to the containers whose logs are shown, and tells which of those that were
    /// started since have ended: one that is replaced ends, too, and means nothing.
    func show(
        _ events: AsyncStream<SupervisorEvent>,
        _ logs: LiveLogs,
        _ tell: AsyncStream<Occurrence>.Continuation
    ) async {
        var started: Set<ContainerID> = []
        for await event in events {
            switch event.kind {
            case .started: started.insert(event.container)
            case .exited(let code, false) where started.contains(event.container):
                guard let service = service(of: event.name, among: watched) else { break }
                tell.yield(.exited(service, code: code))
            default: break
            }
            guard let name = service(of: event.name, among: shown) else { continue }
            if case .started = event.kind, unlogged.contains(name) {
                await attend(event.container, name: event.name, logs)
            }
            switch event.kind {
            case .started: await logs.started(event.container, name: event.name)
            case .exited(let code, true):
                await logs.note(
                    FollowedContainers.End.words(code, isRestarting: true),
                    name: event.name
                )
            case .exited(let code, false):
                await logs.noteEnd(Self.words(code), of: event.container, name: event.name)
            case .failed where !isUp.value.withLock(\.self): break
            case .failed(let reason):
                await logs.note("cannot be started: \(reason)", name: event.name)
            case .health: break
            }
        }
    }

    /// Shows the last words of what has ended, and how it ended; what still runs is left alone. The
    /// picture of progress stays below them until then.
    func end(_ logs: LiveLogs, _ showing: Task<Void, Never>) async throws {
        let containers = try await work.session.engine.observe(project: work.name).containers
            .map(\.record)
        let running = containers.filter { $0.status == .running || $0.status == .restarting }
        await logs.finish(besides: Set(running.map(\.id)))
        try await work.close()
        await showing.value
        // The event of an end may not have come before the connection ended.
        for container in containers where container.status == .exited {
            guard let code = container.exitCode,
                await logs.lacksEnd(container.id, at: container.finishedAt)
            else { continue }
            await logs.noteEnd(Self.words(code), of: container.id, name: container.name)
        }
        work.progress.finish()
    }

    private static func words(_ code: Int32) -> String {
        FollowedContainers.End.words(code, isRestarting: false)
    }
}
