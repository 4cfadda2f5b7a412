import FoundationEssentials
import Glibc
import ImageStore
import Linux
import OCI
import SystemPackage
import TextForms

/// A folder that is an OCI layout and holds build caches by name.
struct CacheFolder {
    private let folder: FilePath
    /// What errors call what is in it.
    private let content: String
    private static let nameKey = "org.opencontainers.image.ref.name"

    init(_ folder: FilePath, as content: String = "the build cache") {
        self.folder = folder
        self.content = content
    }

    private func path(_ digest: Digest) -> FilePath {
        folder.appending("blobs").appending("sha256").appending(digest.hex)
    }

    /// The manifest of a name, or of a digest.
    func manifest(named name: String) throws -> ManifestDocument {
        let wanted: Digest
        if let digest = Digest(name) {
            wanted = digest
        } else {
            guard let entry = try entries().last(where: { $0.tag == name }) else {
                throw EngineError(
                    .notFound,
                    "cannot use \(content) \(folder)",
                    because: "there is none of the name \(name)",
                    remedy: content == "the build cache"
                        ? "fill it with --cache-to type=local,dest=\(folder)"
                        : "name one with :TAG or @DIGEST behind the folder"
                )
            }
            wanted = entry.digest
        }
        let bytes = try blob(wanted, limit: OCIJSON.manifestLimit)
        guard Digest.of(bytes) == wanted else {
            throw EngineError(
                .invalid,
                "cannot use \(content) \(folder)",
                because: "its manifest does not have the digest \(wanted)"
            )
        }
        return try ManifestDocument(bytes: bytes)
    }

    func blob(_ digest: Digest, limit: Int) throws -> [UInt8] {
        try readRegularFile(path(digest), limit: limit)
    }

    /// - Throws: EINVAL for anything but a regular file, which is not waited for.
    func open(_ digest: Digest) throws -> SharedFD {
        let path = path(digest)
        let file = try openFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        var status = stat()
        guard file.with({ fstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SyscallError(call: "open", subject: path.string, errno: EINVAL)
        }
        return SharedFD(file)
    }

    static func read(_ file: SharedFD, at offset: Int64, count: Int) throws -> [UInt8] {
        try file.with { fd in
            var error: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                let got = pread(fd, buffer.baseAddress, count, off_t(offset))
                if got < 0 { error = errno }
                filled = max(0, got)
            }
            if error != 0 {
                throw SyscallError(call: "pread", subject: "build cache", errno: error)
            }
            return bytes
        }
    }

    /// Sends a blob from a place in it on.
    func send(_ blob: Descriptor, from offset: Int64, to queue: ChunkQueue) async throws {
        let file = try open(blob.digest)
        var position = offset
        while position < blob.size {
            let count = Int(min(1 << 20, blob.size - position))
            let chunk = try Self.read(file, at: position, count: count)
            guard !chunk.isEmpty else { break }
            try await queue.send(chunk)
            position += Int64(chunk.count)
        }
    }

    // MARK: Writing

    /// Puts a blob in place unless it is there.
    func write(_ bytes: [UInt8]) throws {
        let path = path(Digest.of(bytes))
        guard access(path.string, F_OK) != 0 else { return }
        try makeDirectories(path.removingLastComponent())
        try atomicWrite(bytes, to: path, mode: 0o644, synced: false)
    }

    /// Copies a blob of the store unless it is there.
    func copy(_ blob: Descriptor, from store: ImageStore) throws {
        let path = path(blob.digest)
        guard access(path.string, F_OK) != 0 else { return }
        try makeDirectories(path.removingLastComponent())
        let file = try store.openBlob(blob.digest)
        let partial = FilePath(path.string + ".part")
        let target = try openFile(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o644)
        var position: Int64 = 0
        while position < file.size {
            let chunk = try file.read(at: position, count: Int(min(1 << 20, file.size - position)))
            try target.writeAll(chunk)
            position += Int64(chunk.count)
        }
        _ = try syscall("rename", on: path.string) { rename(partial.string, path.string) }
    }

    /// Lets a name lead to a manifest, other names as they were; the file is put in place whole.
    func name(_ manifest: Descriptor, as tag: String) throws {
        var listed = try entries().filter { $0.tag != tag }
        listed.append(Entry(tag: tag, digest: manifest.digest, size: manifest.size))
        let manifests = listed.map { entry in
            JSONValue.object([
                .init(name: "mediaType", value: .string(MediaType.ociManifest)),
                .init(name: "digest", value: .string("\(entry.digest)")),
                .init(name: "size", value: .number("\(entry.size)")),
                .init(
                    name: "annotations",
                    value: .object([.init(name: Self.nameKey, value: .string(entry.tag ?? ""))])
                ),
            ])
        }
        let index = JSONValue.object([
            .init(name: "schemaVersion", value: .number("2")),
            .init(name: "mediaType", value: .string(MediaType.ociIndex)),
            .init(name: "manifests", value: .array(manifests)),
        ])
        let layout = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
        try atomicWrite(layout, to: folder.appending("oci-layout"), mode: 0o644, synced: false)
        try atomicWrite(
            Array(index.text().utf8),
            to: folder.appending("index.json"),
            mode: 0o644,
            synced: false
        )
    }

    private struct Entry {
        var tag: String?
        var digest: Digest
        var size: Int64
    }

    /// What the index lists; nothing where there is none.
    private func entries() throws -> [Entry] {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try readRegularFile(folder.appending("index.json"), limit: 8 << 20)
        } catch {
            if error.errno == ENOENT { return [] }
            throw error
        }
        let document = try JSONValue(parsing: bytes)
        return (document["manifests"]?.elements ?? []).compactMap { entry in
            guard let digest = entry["digest"]?.string.flatMap({ Digest($0) }),
                case .number(let size)? = entry["size"], let bytes = Int64(size)
            else { return nil }
            let tag = entry["annotations"]?[Self.nameKey]?.string
            return Entry(tag: tag, digest: digest, size: bytes)
        }
    }
}
