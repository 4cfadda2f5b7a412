package import ContainerRuntime
import GRDB

/// What the project's supervisor, the only writer of these columns, reports of its containers.
extension Engine {
    /// Writes what the user asked for: a restart policy acts only on `.running`.
    package func setDesired(
        _ desired: ContainerRecord.Desired,
        of ids: [ContainerID]
    ) async throws {
        try await store.writeEnd { db in
            for id in ids {
                try db.run(
                    "UPDATE containers SET desired = ? WHERE id = ? AND NOT isRemoving",
                    [desired.rawValue, id.text]
                )
            }
        }
    }

    /// The container's program runs. `restarts` counts starts by the policy since the user's last.
    package func started(
        _ running: RunningContainer,
        published: [PortBinding],
        hasHealthcheck: Bool,
        restarts: Int = 0
    ) async throws {
        try await change(running.id, noting: EventRecord.noteStart) { record in
            record.status = .running
            record.isPaused = false
            record.health = hasHealthcheck ? .starting : nil
            record.startedAt = Timestamp(nanoseconds: running.startedAtNanoseconds)
            record.finishedAt = nil
            record.exitCode = nil
            record.oomKilled = false
            record.error = nil
            record.restartCount = restarts
            record.published = published
        }
    }

    /// Its processes stand still from now on, or go on.
    package func setPaused(_ isPaused: Bool, of id: ContainerID) async throws {
        try await change(
            id,
            noting: { record, db in
                try EventRecord.note(isPaused ? "pause" : "unpause", record, db)
            }
        ) { record in
            record.isPaused = isPaused && record.status == .running
        }
    }

    /// A signal was sent to its program.
    package func signalled(_ id: ContainerID, _ signal: Int32) async throws {
        try await store.writeEnd { db in
            guard let record = try ContainerRecord.find(id, db) else { return }
            try EventRecord.note("kill", record, attributes: ["signal": "\(signal)"], db)
        }
    }

    /// A start that failed before the program ran; `code` is Docker's 125, 126 or 127.
    package func failedToStart(
        _ id: ContainerID,
        because reason: String,
        code: Int32
    ) async throws {
        try await change(id, noting: EventRecord.noteFailedStart) { record in
            record.status = record.startedAt == nil ? .created : .exited
            record.health = nil
            record.exitCode = code
            record.error = reason
        }
    }

    /// A run ended. nil is a run whose end nobody saw. `wasStopped`: somebody asked for a stop, which
    /// is more than a signal.
    package func exited(
        _ id: ContainerID,
        _ exit: ExitRecord?,
        restarting: Bool,
        wasStopped: Bool = false
    ) async throws {
        try await change(
            id,
            noting: { record, db in
                try EventRecord.noteEnd(
                    of: record,
                    wasStopped: wasStopped,
                    restarting: restarting,
                    db
                )
            }
        ) { record in
            record.settle(exit, restarting: restarting)
        }
    }

    /// Takes away the cgroups of one that has ended while neither its keeper nor a supervisor saw it.
    package func clearAfterEnd(of id: ContainerID) throws {
        try runtime.cleanUp(id, in: layout.container(id.text))
    }

    /// Whether one that has ended waits to be started again by its policy: it does after a start
    /// that failed, and does not any more when it is stopped meanwhile.
    package func setRestarting(_ isRestarting: Bool, of id: ContainerID) async throws {
        try await change(id, noting: { _, _ in }) { record in
            record.status = isRestarting ? .restarting : .exited
        }
    }

    /// A change of health, with its event; the same again is nothing.
    package func setHealth(_ health: ContainerRecord.Health, of id: ContainerID) async throws {
        try await store.writeEnd { db in
            guard var record = try ContainerRecord.find(id, db), record.status == .running,
                record.health != health
            else { return }
            record.health = health
            try record.updateState(db)
            try EventRecord.note("health_status: \(health.rawValue)", record, db)
        }
    }

    private func change(
        _ id: ContainerID,
        noting: @escaping @Sendable (ContainerRecord, Database) throws -> Void,
        _ body: @escaping @Sendable (inout ContainerRecord) -> Void
    ) async throws {
        try await store.writeEnd { db in
            guard var record = try ContainerRecord.find(id, db) else {
                throw EngineError(
                    .notFound,
                    "cannot write down the state of container \(id.short)",
                    because: "it was removed meanwhile"
                )
            }
            body(&record)
            try record.updateState(db)
            try noting(record, db)
        }
    }
}
