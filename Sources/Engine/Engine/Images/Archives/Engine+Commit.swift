package import ContainerRuntime
import Glibc
import ImageStore
import Linux
package import OCI
import SystemPackage

/// What `commit` makes of a container.
package struct CommitRequest: Sendable {
    package var name: ImageReference?
    package var author: String?
    package var comment: String?
    /// Stops the container's processes while its files are read.
    package var pauses = true
    package var created: Timestamp = .now()
    /// `--change`: what else the configuration shall say.
    package var configure: @Sendable (inout ImageConfiguration) throws -> Void = { _ in }

    package init() {}
}

extension Engine {
    /// Makes an image of a container: its image's layers and, as one more, a copy of what it
    /// changed. Volumes are not part of it. The container stays as it is.
    package func commit(
        _ id: ContainerID,
        _ request: CommitRequest
    ) async throws -> ImageRecord {
        let container = try await container(id)
        let task = "commit container `\(container.name)`"
        guard let base = try await image(container.image) else {
            throw EngineError(
                .notFound,
                "cannot \(task)",
                because: "its image is gone",
                remedy: "pull or build it again"
            )
        }
        let manifest = try base.manifest(in: imageStore, for: task).manifest
        var configuration = try ImageConfiguration(bytes: base.configuration)
        let spec = try container.spec
        configuration.take(spec, labels: container.labels)
        try request.configure(&configuration)
        configuration.created = "\(request.created)"
        configuration.author = request.author
        configuration.history.append(
            .init(
                created: "\(request.created)",
                createdBy: spec.process.arguments.joined(separator: " "),
                author: request.author,
                comment: request.comment
            )
        )
        let layers = manifest.layers.map(\.asOCI)
        let complete = configuration
        return try await leavingNothing {
            let hold = try await imageStore.hold()
            let isPaused = container.status == .running && request.pauses && !container.isPaused
            if isPaused { await note(.standStill(true), of: id) }
            let tar = try await changes(of: container, pausing: request.pauses)
            let image = try await addImage(complete, layers: layers, top: tar)
            try await record(image, as: request.name.map { [$0] } ?? [], by: .commit)
            await note(
                .commit(image: image.id, name: request.name, comment: request.comment),
                of: id
            )
            if isPaused { await note(.standStill(false), of: id) }
            return withExtendedLifetime(hold) { image }
        }
    }

    /// What a container changed, as a layer's tar. While it is read the container stands still, so
    /// that files belong together; it goes on whatever happens.
    private func changes(
        of container: ContainerRecord,
        pausing: Bool
    ) async throws -> StagedBlob {
        let imageStore = imageStore
        let upper = ContainerFolder(layout.container(container.id.text)).upper
        let read: @Sendable () throws -> StagedBlob = {
            try imageStore.stageTar(of: Layout.exists(upper) ? upper : nil)
        }
        let group = pausing ? try runtime.cgroups.find(container.id) : nil
        guard let group, try !group.isFrozen else { return try await onOwnThread(read) }
        do {
            try await group.setFrozen(true)
        } catch {
            // Half frozen is not how we found it.
            try await group.setFrozen(false)
            throw error
        }
        let result: Result<StagedBlob, any Error>
        do { result = .success(try await onOwnThread(read)) } catch { result = .failure(error) }
        // `try?`: one that is gone cannot have been paused meanwhile.
        if (try? await self.container(container.id).isPaused) != true {
            try await group.setFrozen(false)
        }
        return try result.get()
    }
}

extension ImageConfiguration {
    /// Labels of the project a container belongs to mean that container, not others of its image.
    private static let projectLabels = "com.docker.compose."

    /// Makes what a container was run with the image's defaults.
    fileprivate mutating func take(_ spec: ContainerSpec, labels: [String: String]) {
        let arguments = spec.process.arguments
        let entrypoint = config.entrypoint ?? []
        if let (entrypoint, command) = spec.entrypointAndCommand {
            config.entrypoint = entrypoint.isEmpty ? nil : entrypoint
            config.command = command.isEmpty ? nil : command
        } else if !entrypoint.isEmpty, arguments.starts(with: entrypoint) {
            let command = Array(arguments.dropFirst(entrypoint.count))
            config.command = command.isEmpty ? nil : command
        } else {
            config.entrypoint = nil
            config.command = arguments
        }
        config.environment = spec.shownEnvironment
        config.workingDirectory = spec.asked?.workingDirectory ?? spec.process.workingDirectory
        config.user = spec.process.user
        config.exposedPorts.formUnion(spec.ports.map { "\($0.containerPort)/\($0.transport)" })
        for mount in spec.mounts {
            if case .anonymousVolume = mount.source { config.volumes.insert(mount.target) }
        }
        config.labels.merge(labels.filter { !$0.key.hasPrefix(Self.projectLabels) }) { $1 }
    }
}

extension Descriptor {
    /// The same blob under OCI's name for its type: a manifest of ours does not mix the two.
    fileprivate var asOCI: Descriptor {
        var result = self
        switch mediaType {
        case MediaType.dockerLayer: result.mediaType = MediaType.ociLayer
        case MediaType.dockerLayerGzip: result.mediaType = MediaType.ociLayerGzip
        default: break
        }
        return result
    }
}
