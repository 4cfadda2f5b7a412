import FoundationEssentials
import Glibc
import ImageStore
import Linux
import SystemPackage

/// Brings the contexts of a build that are somewhere else into folders of the build.
struct ContextFetch {
    let store: ImageStore
    let workspace: BuildWorkspace
    let progress: @Sendable (BuildEvent) -> Void
    /// Steps that were shown.
    private(set) var steps = 0

    /// Most bytes of a Dockerfile that came by itself.
    private static let dockerfileLimit = 16 << 20

    init(
        store: ImageStore,
        workspace: BuildWorkspace,
        progress: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.store = store
        self.workspace = workspace
        self.progress = progress
    }

    /// The request with folders instead; what is wrong with one is thrown with its name.
    mutating func carryOut(_ request: BuildRequest) async throws -> BuildRequest {
        var result = request
        if let remote = request.remoteContext {
            let (folder, dockerfile) = try await fetch(remote, request, isMain: true)
            result.context = folder
            result.isContextFetched = true
            if let dockerfile {
                guard request.usesUsualDockerfile else {
                    throw BuildError(
                        file: remote.shown,
                        message: "ambiguous Dockerfile source: both the context and flag "
                            + "correspond to Dockerfiles; leave out --file"
                    )
                }
                result.dockerfile = .alone(dockerfile)
            }
        }
        if case .address(let address) = request.dockerfile {
            result.dockerfile = .alone(try await dockerfile(at: address, request))
        }
        for (name, context) in request.namedContexts.sorted(by: { $0.key < $1.key }) {
            guard case .remote(let remote) = context else { continue }
            guard let folder = try await fetch(remote, request, isMain: false).folder else {
                throw BuildError(file: remote.shown, message: "context \(name) has no files")
            }
            result.namedContexts[name] = .directory(folder)
        }
        return result
    }

    /// A Dockerfile by its address.
    private mutating func dockerfile(
        at address: String,
        _ request: BuildRequest
    ) async throws -> String {
        steps += 1
        let step = BuildStep(number: steps, title: "[internal] load remote Dockerfile")
        progress(.started(step))
        let start = ContinuousClock.now
        do {
            guard let download = request.downloadSmall else {
                throw InstructionError("\(address): this build downloads nothing")
            }
            let text = try Self.dockerfile(
                in: try await download(address, Self.dockerfileLimit)
            )
            progress(.finished(step, ContinuousClock.now - start))
            return text
        } catch {
            if error is CancellationError { throw error }
            let words = (error as? InstructionError)?.message ?? "\(error)"
            progress(.failed(step, words))
            throw BuildError(file: address, message: words)
        }
    }

    /// The folder, and the Dockerfile where it came alone.
    private mutating func fetch(
        _ remote: RemoteContext,
        _ request: BuildRequest,
        isMain: Bool
    ) async throws -> (folder: FilePath?, dockerfile: String?) {
        steps += 1
        let step = BuildStep(number: steps, title: remote.title)
        progress(.started(step))
        let start = ContinuousClock.now
        let place = workspace.stepFolder("context-\(steps)")
        try makeDirectories(place)
        do {
            let result: (folder: FilePath?, dockerfile: String?)
            switch remote {
            case .stream(let source):
                let file = place.appending("file")
                try await spool(source, into: file)
                result = try await unpack(file, of: remote, in: place)
            case .address(let address):
                guard let download = request.download else {
                    throw InstructionError("\(address): this build downloads nothing")
                }
                let file = place.appending("file")
                _ = try await download(address, nil, file)
                result = try await unpack(file, of: remote, in: place)
            case .repository(var reference):
                if request.arguments["BUILDKIT_CONTEXT_KEEP_GIT_DIR"].map(InstructionFlags.boolean)
                    == true, isMain
                {
                    reference.keepsGitFolder = true
                }
                let checkout = try request.checkout(reference, in: place, workspace)
                result = (try await checkout.files(of: checkout.resolve()), nil)
            }
            progress(.finished(step, ContinuousClock.now - start))
            return result
        } catch let error as InstructionError {
            progress(.failed(step, error.message))
            throw BuildError(file: remote.shown, message: error.message)
        } catch {
            progress(.failed(step, "\(error)"))
            if error is CancellationError { throw error }
            throw BuildError(file: remote.shown, message: "\(error)")
        }
    }

    /// Writes a stream down, to its end.
    private func spool(_ source: SharedFD, into path: FilePath) async throws {
        let target = SharedFD(try openFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600))
        try await onOwnThread { () throws(SyscallError) in
            let reader = try source.duplicate()
            let writer = try target.duplicate()
            while true {
                let bytes = try reader.readSome(upTo: 256 << 10)
                if bytes.isEmpty { return }
                try writer.writeAll(bytes)
            }
        }
    }

    /// An archive becomes a folder, anything else must be a Dockerfile.
    private func unpack(
        _ file: FilePath,
        of remote: RemoteContext,
        in place: FilePath
    ) async throws -> (folder: FilePath?, dockerfile: String?) {
        let folder = place.appending("files")
        try makeDirectories(folder, mode: 0o755)
        let opened = SharedFD(try openFile(file, O_RDONLY))
        if try await store.unpackArchive(opened, named: remote.shown, into: folder) != nil {
            try removeTree(file)
            return (folder, nil)
        }
        let text: String
        do { text = try Self.readDockerfile(file) } catch is InstructionError {
            throw InstructionError(
                "it is neither an archive (tar; plain, or with gzip, bzip2, xz or zstd) nor a "
                    + "Dockerfile"
            )
        }
        guard case .address = remote else { return (nil, text) }
        // BuildKit shows a Dockerfile from an address under this name.
        try atomicWrite(
            Array(text.utf8),
            to: folder.appending("context"),
            mode: 0o600,
            synced: false
        )
        return (folder, text)
    }

    private static func readDockerfile(_ file: FilePath) throws -> String {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try readFile(file, limit: dockerfileLimit)
        } catch  where error.errno == EFBIG {
            throw InstructionError("it is too large for a Dockerfile")
        }
        return try dockerfile(in: bytes)
    }

    private static func dockerfile(in bytes: [UInt8]) throws -> String {
        guard !bytes.contains(0) else { throw InstructionError("it is not a Dockerfile") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension BuildRequest {
    /// How a repository is brought into a folder of the build.
    func checkout(
        _ reference: GitReference,
        in folder: FilePath,
        _ workspace: BuildWorkspace
    ) throws -> GitCheckout {
        guard let git else {
            throw InstructionError(
                "\(reference.shown): getting a repository takes the program git, which is not "
                    + "installed; install it (apt-get install git), or clone it beforehand"
            )
        }
        return GitCheckout(
            reference: reference,
            access: git,
            folder: folder,
            authorization: try authorization(for: reference.webHost),
            lock: try workspace.shareLock()
        )
    }

    /// Of the secrets `GIT_AUTH_HEADER` and `GIT_AUTH_TOKEN`, as BuildKit; those of one host win.
    private func authorization(for host: String?) throws -> String? {
        guard let host else { return nil }
        for suffix in [".\(host)", ""] {
            let header = "GIT_AUTH_HEADER\(suffix)"
            let token = "GIT_AUTH_TOKEN\(suffix)"
            if let secret = secrets[header] { return Self.line(try secret.read(header)) }
            guard let secret = secrets[token] else { continue }
            let user = Data("x-access-token:\(Self.line(try secret.read(token)))".utf8)
            return "basic \(user.base64EncodedString())"
        }
        return nil
    }

    private static func line(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingBlanks()
    }
}
