import Glibc
import Linux
import OCI
import SystemPackage

/// The files of an archive of images, by their path in it.
protocol ArchiveContent: AnyObject {
    /// What errors call the archive.
    var subject: String { get }
    /// The file at a path, in staging; nil when there is none.
    func file(at path: String) throws -> StagedBlob?
    /// Whether it looks like what Docker wrote before 1.10, by more than its `repositories`.
    var hasFirstForm: Bool { get }
}

extension ArchiveContent {
    /// The bytes of a small file.
    func bytes(at path: String, limit: Int) throws -> [UInt8]? {
        try file(at: path)?.bytes(limit: limit, subject: "\(subject): \(path)")
    }

    func problem(_ path: String, _ reason: String) -> ImageStoreError {
        ImageStoreError(subject: subject, .entry(name: path, reason: reason))
    }

    /// A path in the archive in its one form.
    func normal(_ path: some Collection<UInt8>) throws -> String {
        do throws(EntryPath.Refusal) {
            return String(decoding: try EntryPath(path).bytes, as: UTF8.self)
        } catch {
            throw problem(printable(Array(path)), error.reason)
        }
    }

    /// A file below `blobs` must be what its name says.
    func check(_ blob: StagedBlob, at path: String) throws {
        let parts = path.split(separator: "/")
        guard parts.count == 3, parts[0] == "blobs", parts[1] == "sha256" else { return }
        guard let digest = Digest(hex: String(parts[2])) else {
            throw problem(path, "its name is not a sha256 digest")
        }
        guard blob.digest == digest else {
            throw ImageStoreError(
                subject: "\(subject): blob \(digest)",
                .wrongDigest(found: blob.digest)
            )
        }
    }
}

/// An archive that has been unpacked: a folder, read where it is asked for.
final class UnpackedArchive: ArchiveContent {
    let subject: String
    private let store: ImageStore
    private let root: Root
    private var files: [String: StagedBlob] = [:]
    let hasFirstForm = false

    init(_ folder: FilePath, into store: ImageStore) throws {
        subject = folder.string
        self.store = store
        root = try Root(folder)
    }

    func file(at path: String) throws -> StagedBlob? {
        let path = try normal(path.utf8)
        if let known = files[path] { return known }
        let fd: SharedFD
        do throws(SyscallError) {
            let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY
            // Old `docker save` has links, among themselves; blobs have none.
            let links: Root.Links = path.hasPrefix("blobs/") ? .refused : .followed
            fd = SharedFD(try root.open(FilePath(path), flags, links: links))
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: return nil
            case ELOOP: throw problem(path, "it is a link; blobs have to be files")
            default: throw error
            }
        }
        var status = stat()
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("stat", on: path) { fstat(fd, &status) }
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw problem(path, "it is not a regular file")
        }
        let staging = try BlobStaging(in: store, subject: subject, limit: try store.freeSpace())
        let source = FileSource(fd, subject: path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { break }
            try staging.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        let blob = staging.finish()
        try check(blob, at: path)
        files[path] = blob
        return blob
    }
}
