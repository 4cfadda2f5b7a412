import ContainerRuntime
import Linux
import SystemPackage

extension Engine {
    /// Lends the file system of a container: while it runs what it sees itself; otherwise its layers
    /// and volumes, mounted for this alone. Then no command may change its project meanwhile, so that
    /// nobody starts it. `body` gets a thread of its own.
    func withFiles<R: Sendable>(
        of id: ContainerID,
        _ body: @escaping @Sendable (Root, IdentifierShift) throws -> R
    ) async throws -> R {
        if let (root, shift) = try await runningRoot(of: id) {
            return try await onOwnThread { () throws(any Error) in try body(root, shift) }
        }
        let project = try await container(id).project ?? Layout.standaloneProject
        let lock = try await convergenceLock(ofProject: project)
        // Somebody may have started it while we waited.
        if let (root, shift) = try await runningRoot(of: id) {
            return try await onOwnThread { () throws(any Error) in try body(root, shift) }
        }
        let files = try await restingFiles(of: id)
        let name = try await container(id).name
        return try await onOwnThread { () throws(any Error) in
            try withExtendedLifetime(lock) {
                try body(try files.enter(name: name), IdentifierShift())
            }
        }
    }

    private func runningRoot(of id: ContainerID) async throws -> (Root, IdentifierShift)? {
        let record = try await observe(id).record
        guard record.status == .running else { return nil }
        let folder = layout.container(id.text)
        guard let running = try runtime.adopt(id, name: record.name, in: folder) else { return nil }
        return (try running.root(), try running.users()?.shift ?? IdentifierShift())
    }

    private func restingFiles(of id: ContainerID) async throws -> RestingFiles {
        let parts = try await fileParts(of: id)
        var files = RestingFiles(
            layers: parts.layers,
            initLayer: try runtime.initLayer(),
            folder: layout.container(id.text),
            isReadOnly: parts.isReadOnly
        )
        let mounts = parts.mounts.enumerated().sorted {
            let depths = [$0, $1].map { FilePath($0.element.target).components.count }
            return depths[0] == depths[1] ? $0.offset < $1.offset : depths[0] < depths[1]
        }
        for (_, mount) in mounts {
            guard let source = try place(of: mount, parts.volumeOptions) else { continue }
            files.mounts.append(
                .init(source, at: mount.target, isReadOnly: mount.readOnly)
            )
        }
        return files
    }

    /// Where on the host a mount's content is; nil for what is there only while it runs.
    private func place(
        of mount: MountSpec,
        _ options: [String: [String: String]]
    ) throws -> RestingFiles.Source? {
        switch mount.source {
        case .bind(let path, _): return .path(FilePath(path))
        case .volume(let name, _):
            let folder = try place(ofVolume: name, options[name] ?? [:])
            return mount.subpath.map { .beneath(folder, FilePath($0)) } ?? .path(folder)
        case .given(let file):
            guard case .host(let path) = file.origin else { return nil }
            return .path(FilePath(path))
        case .tmpfs, .anonymousVolume, .image: return nil
        }
    }
}
