import Compose
import OCI
import OrderedCollections

extension KnownImages {
    /// Looks which images of the services that are wanted are not built of what there is now. Services that
    /// are built alike are looked at each.
    mutating func findStale(
        in project: Project,
        _ options: UpOptions,
        _ differences: ImageSource.Differences
    ) async throws {
        let selection = try ServiceSelection(
            of: options.services,
            withDependencies: options.withDependencies,
            in: project
        )
        let chosen = Array(selection.services.values)
        for service in project.inOrderOfBuilding(chosen + project.services(mountedBy: chosen))
        where service.mayBeStale(options) {
            guard let image = self[service.name] else { continue }
            let reference = service.imageReference(in: project)
            let changes = try await differences(service, reference, image.digest)
            if !changes.isEmpty { stale[service.name] = changes }
        }
    }
}
