import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// What one RUN sees besides the layers below it, while it is carried out.
struct RunMounts: Sendable {
    var specs: [MountSpec] = []
    /// Variables that secrets and agents bring.
    var environment: [(name: String, value: String)] = []
    /// A layer with the places at which is mounted and which no layer below has: they are seen by
    /// the step and do not become part of its own layer.
    var places: FilePath?
    /// Copies of secrets, which go as soon as the step has them.
    var secrets: [FilePath] = []
    /// Hold the caches until the step is done.
    private(set) var locks: [FileLock] = []

    /// Prepares the mounts of a step in its folder.
    init(
        _ mounts: [ResolvedMount],
        of stage: StageBuild,
        in folder: FilePath
    ) async throws {
        for (number, mount) in mounts.enumerated() {
            let place = folder.appending("mount-\(number)")
            switch mount.mount.kind {
            case .bind:
                let source = try await stage.bindSource(mount, in: place)
                add(source, mount, readOnly: mount.mount.isReadOnly)
            case .tmpfs: addMemory(mount)
            case .cache:
                let held = try await stage.takeCache(mount)
                locks.append(held.lock)
                add(held.data, mount, readOnly: mount.mount.isReadOnly)
            case .secret: try addSecret(mount, stage.session.request, place)
            case .ssh: try addAgent(mount, stage.session.request)
            }
        }
        try await makePlaces(stage, folder)
    }

    private mutating func add(_ source: FilePath, _ mount: ResolvedMount, readOnly: Bool) {
        specs.append(
            MountSpec(
                source: .bind(path: source.string, create: false),
                target: mount.target,
                readOnly: readOnly
            )
        )
    }

    private mutating func addMemory(_ mount: ResolvedMount) {
        var spec = MountSpec(
            source: .tmpfs(sizeBytes: mount.mount.sizeBytes, mode: 0o1777),
            target: mount.target,
            readOnly: mount.mount.isReadOnly
        )
        // Builds unpack programs into /tmp and run them.
        spec.tmpfsOptions = ["exec"]
        specs.append(spec)
    }

    private mutating func addSecret(
        _ mount: ResolvedMount,
        _ request: BuildRequest,
        _ place: FilePath
    ) throws {
        guard let secret = request.secrets[mount.id] else {
            guard mount.mount.isRequired else { return }
            throw InstructionError(
                "secret \(mount.id): not found; give it with --secret id=\(mount.id),src=FILE "
                    + "or in the service's build.secrets"
            )
        }
        let content = try secret.read(mount.id)
        if let name = mount.mount.variable {
            environment.append((name, String(decoding: content, as: UTF8.self)))
        }
        guard !mount.target.isEmpty else { return }
        try atomicWrite(content, to: place, mode: 0o400, synced: false)
        let file = SharedFD(try openFile(place, O_RDONLY))
        try file.with { fd in
            _ = try syscall("chown", on: place.string) {
                fchown(
                    fd,
                    mount.mount.user ?? secret.user ?? 0,
                    mount.mount.group ?? secret.group ?? 0
                )
            }
            _ = try syscall("chmod", on: place.string) {
                fchmod(fd, mount.mount.mode ?? secret.mode ?? 0o400)
            }
        }
        secrets.append(place)
        add(place, mount, readOnly: true)
    }

    private mutating func addAgent(_ mount: ResolvedMount, _ request: BuildRequest) throws {
        guard let socket = request.agents[mount.id] else {
            guard mount.mount.isRequired else { return }
            throw InstructionError(
                "no SSH key \"\(mount.id)\" forwarded from the client; give it with "
                    + "--ssh \(mount.id) or in the service's build.ssh"
            )
        }
        add(socket, mount, readOnly: false)
        if !environment.contains(where: { $0.name == "SSH_AUTH_SOCK" }) {
            environment.append(("SSH_AUTH_SOCK", mount.target))
        }
    }

    /// Makes what is missing of the targets in a layer of its own.
    private mutating func makePlaces(_ stage: StageBuild, _ folder: FilePath) async throws {
        let targets = specs.filter { spec in
            !["/dev", "/proc", "/sys"].contains { spec.target.isBeneath($0) }
                && !specs.contains { spec.target != $0.target && spec.target.isBeneath($0.target) }
        }
        guard !targets.isEmpty else { return }
        let place = folder.appending("places")
        let (session, stack) = (stage.session, stage.state.stack)
        let isNeeded = try await blocking { () throws(any Error) in
            let layers = try session.lowerFolders(stack)
            let view = try LayeredTree(layers: layers, name: "the stage")
            let missing = try targets.filter {
                try !view.resolve(FilePath($0.target)).missing.isEmpty
            }
            guard !missing.isEmpty else { return false }
            try makeDirectories(place, mode: 0o755)
            for spec in missing { try spec.makePlace(in: place, above: layers) }
            return true
        }
        if isNeeded { places = place }
    }
}

extension String {
    /// Whether a cleaned path is another or lies in it.
    fileprivate func isBeneath(_ path: String) -> Bool {
        self == path || utf8.starts(with: (path + "/").utf8)
    }
}

extension MountSpec {
    /// Makes the target in an upper folder: an empty file for a file, else a folder.
    fileprivate func makePlace(in upper: FilePath, above layers: [FilePath]) throws {
        var isFolder = true
        if case .bind(let path, _) = source {
            var status = stat()
            _ = try syscall("stat", on: path) { stat(path, &status) }
            isFolder = status.st_mode & S_IFMT == S_IFDIR
        }
        var execution = try CopyExecution(
            to: FilePath(target),
            isFolderByName: false,
            style: CopyStyle(owner: .root, comesFromContext: true, mode: nil),
            upper: upper,
            layers: layers
        )
        if isFolder {
            try execution.makeDestination()
        } else {
            try execution.write([], named: FilePath(target).lastComponent?.string ?? "")
        }
        try execution.finish()
    }
}
