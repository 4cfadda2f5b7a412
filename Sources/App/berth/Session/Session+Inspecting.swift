import ContainerRuntime
import DockerViews
import Engine
import GoTemplate
import SystemPackage

/// What can be inspected, in the order in which a name is looked for.
enum InspectedKind: String, CaseIterable {
    case container, image, network, volume

    /// Docker's words where nothing of the kind has a name.
    func missing(_ name: String) -> Failure {
        switch self {
        case .container: Failure(engine: "No such container: \(name)")
        case .image: Failure(EngineError.noSuchImage(name)) ?? Failure(name)
        case .network: Failure(engine: "network \(name) not found")
        case .volume: Failure(engine: "get \(name): no such volume")
        }
    }
}

extension Session {
    /// What `inspect` shows of something; nil where nothing of that kind has the name. `withSizes` are
    /// those of containers.
    func inspect(
        _ kind: InspectedKind,
        _ name: String,
        withSizes: Bool = false
    ) async throws -> GoValue? {
        do {
            switch kind {
            case .container: return try await inspectContainer(name, withSizes: withSizes)
            case .image:
                return try ImageInspection(try await KnownImage.matching(name, in: self)).value
            case .network:
                return try await NetworkInspection.value(
                    ListedNetwork.matching(name, in: self),
                    containers: engine.observe(project: nil).containers
                )
            case .volume:
                guard let volume = try await engine.volume(named: name) else { return nil }
                let path = layout.volumeData(volume.name).string
                return VolumeInspection(volume, at: path).value
            }
        } catch let error as EngineError where error.kind == .notFound {
            return nil
        }
    }

    private func inspectContainer(_ name: String, withSizes: Bool) async throws -> GoValue {
        let record = try await engine.container(matching: name)
        var view = try ContainerInspection(
            try await engine.observe(record.id),
            networks: try await engine.networks(),
            layout: layout
        )
        view.health = try HealthLog.read(from: layout.container(record.id.text))
        if withSizes {
            let written = try await engine.writtenBytes(of: record.id)
            let image = try await engine.knownImages().first { $0.record.id == record.image }
            view.sizes = (written, written + (image?.sizeBytes ?? 0))
        }
        return view.value
    }
}
