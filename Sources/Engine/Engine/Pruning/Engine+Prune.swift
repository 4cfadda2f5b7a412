import ContainerRuntime

/// What removing unused containers or volumes did.
package struct PruneReport: Hashable, Sendable {
    /// Identifiers of containers, names of volumes.
    package var names: [String] = []
    /// The room that it made on the disk.
    package var bytes: Int64 = 0
}

extension Engine {
    /// Removes the containers that do not run and are not about to, as far as `wanted` lets them
    /// through. A project's are removed while no other command changes the project.
    package func pruneContainers(
        where wanted: (ContainerRecord) -> Bool
    ) async throws -> PruneReport {
        let stopped = try await stoppedContainers(wanted)
        var report = PruneReport()
        for project in Set(stopped.map { $0.project ?? Layout.standaloneProject }).sorted() {
            let lock = try await convergenceLock(ofProject: project)
            let name = project == Layout.standaloneProject ? nil : project
            for container in try await stoppedContainers(wanted) where container.project == name {
                let bytes = try await writtenBytes(of: container.id)
                try await removeContainers([container.id], withAnonymousVolumes: false)
                report.names.append(container.id.text)
                report.bytes += bytes
            }
            // A project of which there is nothing keeps no lock file behind.
            let hasMore = try await containers(ofProject: nil).contains { $0.project == name }
            if name != nil, !hasMore, try await self.project(named: project) == nil {
                try await forgetProject(named: project)
            }
            withExtendedLifetime(lock) {}
        }
        await notePruned(.container, bytes: report.bytes)
        return report
    }

    private func stoppedContainers(
        _ wanted: (ContainerRecord) -> Bool
    ) async throws -> [ContainerRecord] {
        try await observe(project: nil).containers.map(\.record)
            .filter { [.created, .exited].contains($0.status) && wanted($0) }
    }

    /// Removes the anonymous volumes that no container has, as far as `wanted` lets them through;
    /// with `takesNamed` all.
    package func pruneVolumes(
        takesNamed: Bool = false,
        where wanted: (VolumeRecord) -> Bool
    ) async throws -> PruneReport {
        let used = Set(try await volumeUses().map(\.volume))
        var report = PruneReport()
        for volume in try await volumes()
        where (takesNamed || volume.isAnonymous) && !used.contains(volume.name) && wanted(volume) {
            let bytes = try await bytes(ofVolume: volume.name)
            do {
                try await removeVolume(named: volume.name)
            } catch let error as EngineError where [.inUse, .notFound].contains(error.kind) {
                continue
            }
            report.names.append(volume.name)
            report.bytes += bytes
        }
        await notePruned(.volume, bytes: report.bytes)
        return report
    }

    /// Removes the networks that no container is connected to and that `wanted` lets through, and
    /// gives their names. One that is taken into use meanwhile stays, a build's, which goes with the
    /// build, and the default one, which is always there.
    package func pruneNetworks(where wanted: (NetworkRecord) -> Bool) async throws
        -> [String]
    {
        var removed: [String] = []
        for network in try await networks()
        where !network.isDefault && network.key != Self.buildNetworkKey && wanted(network) {
            do {
                try await removeNetwork(named: network.name)
                removed.append(network.name)
            } catch let error as EngineError where error.kind == .inUse || error.kind == .notFound {
                continue
            }
        }
        await notePruned(.network, bytes: 0)
        return removed
    }
}
