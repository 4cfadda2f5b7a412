import ContainerRuntime
import Engine
import Glibc
import Linux
import Logging

/// The steps of one start, from the record to the running program. What a step made is undone when
/// a later one fails or the task is cancelled.
struct Launch: Sendable {
    var id: ContainerID
    var restarts: Int
    var restart: Placement.SupervisorRestart
    /// Who wants to be attached before the program begins.
    var arrival: Arrival?
    /// Somebody hears of the start, and may follow the log from its beginning.
    var isWatched: Bool
    var engine: Engine
    var changes: NameChanges
    var logger: Logger

    func run() async throws -> Launched {
        let prepared = try await engine.prepareStart(id)
        var logServer: LogSink?
        let created: CreatedContainer
        do {
            if let delivery = prepared.spec.log.delivery {
                logServer = try await LogServer.open(delivery)
            }
            try Task.checkCancellation()
            created = try await engine.create(prepared, onSupervisorExit: .restart(restart))
        } catch {
            await release(prepared)
            throw error
        }
        CrashPoint.containerCreated.pass()
        var names: NameServing?
        let running: RunningContainer
        do {
            try Task.checkCancellation()
            try await engine.attachNetworks(created, prepared)
            CrashPoint.networksAttached.pass()
            names = try await serveNames(created, prepared)
            CrashPoint.namesServed.pass()
            await arrival?.wait()
            try Task.checkCancellation()
            let hold = isWatched ? engine.holdLog(of: id) : nil
            running = try await created.start()
            CrashPoint.containerStarted.pass()
            hold?.end(after: Self.followersPatience)
        } catch {
            names?.stop()
            await created.abort()
            await release(prepared)
            throw error
        }
        let warnings = prepared.warnings + running.warnings
        for warning in warnings {
            logger.warning("\(warning)", metadata: ["container": "\(running.name)"])
        }
        do {
            try await engine.started(
                running,
                published: prepared.published,
                hasHealthcheck: prepared.spec.healthcheck != nil,
                restarts: restarts
            )
        } catch {
            // Removed meanwhile, or the disk is full: a container without a record may not run.
            try engine.signal(running, SIGKILL)
            _ = try await running.wait()
            names?.stop()
            await release(prepared)
            throw error
        }
        CrashPoint.startRecorded.pass()
        changes.note()
        return Launched(
            running: running,
            names: names,
            wiring: Wiring(prepared.connections),
            ports: prepared.ports,
            logServer: logServer,
            warnings: warnings
        )
    }

    /// In which whoever heard of a start has opened its log.
    private static let followersPatience: Duration = .seconds(2)

    /// Before the program begins, since that may be the first thing it needs.
    private func serveNames(
        _ created: CreatedContainer,
        _ prepared: PreparedStart
    ) async throws -> NameServing? {
        guard !prepared.connections.isEmpty,
            let sockets = try await engine.openDNSSockets(of: created)
        else { return nil }
        return NameServing(
            sockets,
            for: id,
            of: prepared.spec,
            engine: engine,
            changes: changes,
            logger: logger
        )
    }

    private func release(_ prepared: PreparedStart) async {
        do { try await engine.releaseNetworks(of: prepared) } catch {
            // The cause of the failed start is what is reported; recovery removes what is left.
            logger.warning(
                "network not released",
                metadata: ["container": "\(prepared.container.name)", "error": "\(error)"]
            )
        }
    }
}

/// What a launch gives.
struct Launched: Sendable {
    var running: RunningContainer
    var names: NameServing?
    /// nil for one that was adopted and whose records could not be read.
    var wiring: Wiring?
    /// The host's side of its ports.
    var ports = HeldPorts()
    /// Where its lines are sent, if that had to be there.
    var logServer: LogSink?
    /// What was left out, a sentence each.
    var warnings: [String] = []
}
