import Builder
import ContainerRuntime
import Engine
import Linux
import OCI

/// The parts of `system prune` besides images.
struct SystemPruning {
    let session: Session
    private let filters: Filters
    private let until: Timestamp?

    /// Names of what went, and the room it made.
    struct Outcome {
        var names: [String] = []
        var bytes: Int64 = 0
    }

    init(session: Session, filters: Filters) throws {
        self.session = session
        self.filters = filters
        until = try filters["until"].last.map { try TimeOption.parse($0) }
    }

    private func isMeant(_ created: Timestamp, _ labels: [String: String]) -> Bool {
        if let until, created >= until { return false }
        return filters.match(labels: labels)
    }

    /// Containers that do not run and are not about to. A project's are removed while no other
    /// command changes the project.
    func containers() async throws -> Outcome {
        let stopped = try await stoppedContainers(ofProject: nil)
        var outcome = Outcome()
        for project in Set(stopped.map { $0.project ?? Layout.standaloneProject }).sorted() {
            let lock = try await session.engine.convergenceLock(ofProject: project)
            let name = project == Layout.standaloneProject ? nil : project
            for container in try await stoppedContainers(ofProject: nil)
            where container.project == name {
                let bytes = try await session.engine.writtenBytes(of: container.id)
                try await session.engine.removeContainers(
                    [container.id],
                    withAnonymousVolumes: false
                )
                outcome.names.append(container.id.text)
                outcome.bytes += bytes
            }
            // A project of which there is nothing keeps no lock file behind.
            let hasMore = try await session.engine.containers(ofProject: nil)
                .contains { $0.project == name }
            if !hasMore, try await session.engine.project(named: project) == nil {
                try await session.engine.forgetProject(named: project)
            }
            withExtendedLifetime(lock) {}
        }
        return outcome
    }

    private func stoppedContainers(ofProject project: String?) async throws -> [ContainerRecord] {
        try await session.engine.observe(project: project).containers.map(\.record)
            .filter { record in
                [.created, .exited].contains(record.status)
                    && isMeant(record.createdAt, record.labels)
            }
    }

    func networks() async throws -> [String] {
        try await session.engine.removeUnusedNetworks { isMeant($0.createdAt, $0.labels) }
    }

    /// Anonymous ones that no container has.
    func volumes() async throws -> Outcome {
        let used = Set(try await session.engine.volumeUses().map(\.volume))
        var outcome = Outcome()
        for volume in try await session.engine.volumes()
        where volume.isAnonymous && !used.contains(volume.name)
            && filters.match(labels: volume.labels)
        {
            let bytes = try await session.engine.bytes(ofVolume: volume.name)
            do {
                try await session.engine.removeVolume(named: volume.name)
            } catch let error as EngineError where [.inUse, .notFound].contains(error.kind) {
                continue
            }
            outcome.names.append(volume.name)
            outcome.bytes += bytes
        }
        return outcome
    }

    /// Forgets the build steps whose layers no image has, or all of them; gives the layers.
    func forgetBuildCache(all: Bool) async throws -> [String] {
        // The cache has no labels, and its steps no time that a filter could mean.
        guard filters.values.isEmpty else { return [] }
        let images = try await session.engine.images().flatMap(\.image.layers).map(\.diffID)
        let used = Set(images)
        let inventory = BuildCacheInventory(below: session.layout.buildCache)
        let before = try inventory.layers()
        _ = try inventory.forget { all || !used.contains($0) }
        return before.subtracting(try inventory.layers()).sorted().map(\.short)
    }
}
