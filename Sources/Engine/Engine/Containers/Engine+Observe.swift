package import ContainerRuntime
import GRDB
import Linux

extension Engine {
    /// What there is of a project, or of the whole machine for nil. Reads only.
    package func observe(project name: String?) async throws -> ObservedProject {
        var observed = try await store.read { db in
            let containers = try ContainerRecord.all(ofProject: name, db)
            let endpoints = Dictionary(
                grouping: try db.rows("\(EndpointRecord.query) ORDER BY position")
                    .map(EndpointRecord.init(row:)),
                by: \.container
            )
            let uses = Dictionary(
                grouping: try db.rows("SELECT * FROM volumeUses").map(VolumeUse.init(row:)),
                by: \.container
            )
            return ObservedProject(
                project: try name.flatMap { name in
                    try db.row("SELECT * FROM projects WHERE name = ?", [name])
                        .map(ProjectRecord.init(row:))
                },
                containers: containers.map {
                    ObservedContainer(
                        record: $0,
                        endpoints: endpoints[$0.id] ?? [],
                        volumes: uses[$0.id] ?? [],
                        initPID: nil
                    )
                },
                networks: try db.rows("SELECT * FROM networks ORDER BY name")
                    .map(NetworkRecord.init(row:)),
                volumes: try db.rows("SELECT * FROM volumes ORDER BY name")
                    .map(VolumeRecord.init(row:))
            )
        }
        let isOfThisBoot = try await isOfThisBoot()
        for index in observed.containers.indices {
            try check(&observed.containers[index], isOfThisBoot: isOfThisBoot)
        }
        return observed
    }

    /// One container's record, checked against the kernel.
    package func observe(_ id: ContainerID) async throws -> ObservedContainer {
        let (record, endpoints, volumes) = try await store.read { db in
            (
                try ContainerRecord.find(id, db), try EndpointRecord.of(id, db),
                try db.rows("SELECT * FROM volumeUses WHERE container = ?", [id.text])
                    .map(VolumeUse.init(row:))
            )
        }
        guard let record, !record.isRemoving else {
            throw EngineError(
                .notFound,
                "cannot find container \(id.short)",
                because: "no such container"
            )
        }
        var observed = ObservedContainer(
            record: record,
            endpoints: endpoints,
            volumes: volumes,
            initPID: nil
        )
        try check(&observed, isOfThisBoot: try await isOfThisBoot())
        return observed
    }

    /// False after a restart of the machine, until a command that changes something has noticed it.
    private func isOfThisBoot() async throws -> Bool {
        let boot = try bootID()
        let known = try await store.read { db in
            try db.texts("SELECT value FROM facts WHERE name = 'bootID'").first
        }
        return known == nil || known == boot
    }

    /// Corrects a copy of the record by what the kernel and the keeper's files say. The record
    /// itself is written by the project's supervisor alone.
    private func check(_ container: inout ObservedContainer, isOfThisBoot: Bool) throws {
        guard isOfThisBoot else { return container.record.settleAfterReboot() }
        guard container.record.status == .running else { return }
        let record = container.record
        let folder = layout.container(record.id.text)
        if let running = try runtime.adopt(record.id, name: record.name, in: folder) {
            container.initPID = running.initPID
            return
        }
        container.record.settle(try runtime.exitRecord(in: folder))
        container.endedUnseen = true
    }
}

extension ContainerRecord {
    /// After a restart of the machine nothing runs, and nothing waits to be started again.
    package mutating func settleAfterReboot() {
        guard status == .running || status == .restarting else { return }
        let code = status == .restarting ? exitCode : nil
        settle(nil)
        (exitCode, error) = (code, Self.endedByReboot)
        published = []
    }

    /// Why a run has no exit code that ended with its machine.
    package static let endedByReboot = "the machine was restarted while it ran"

    /// It ran when the machine was restarted, and its policy says that it is to run: nothing starts
    /// it by itself.
    package var waitsAfterReboot: Bool {
        guard status == .exited, desired == .running, error == Self.endedByReboot else {
            return false
        }
        // `try?`: a spec that nobody can read asks for nothing.
        return switch try? spec.restart {
        case .always, .unlessStopped, .onFailure: true
        case .no, nil: false
        }
    }

    /// Takes over how a run ended; nil and `.lost` mean that nobody saw it.
    mutating func settle(_ exit: ExitRecord?, restarting: Bool = false) {
        status = restarting ? .restarting : .exited
        isPaused = false
        health = nil
        oomKilled = exit?.oomKilled ?? false
        switch exit?.cause {
        case .exited, .signalled:
            exitCode = exit?.code
            error = nil
        case .lost, nil:
            exitCode = nil
            error = "nobody saw it end: its keeper was killed or the machine was restarted"
        }
        if let exit, exit.finishedAtNanoseconds > 0 {
            finishedAt = Timestamp(nanoseconds: exit.finishedAtNanoseconds)
        } else {
            finishedAt = finishedAt ?? startedAt
        }
    }
}
