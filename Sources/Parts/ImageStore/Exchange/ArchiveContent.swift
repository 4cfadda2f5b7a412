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
            throw problem(path, "its name is no sha256 digest")
        }
        guard blob.digest == digest else {
            throw ImageStoreError(
                subject: "\(subject): blob \(digest)",
                .wrongDigest(found: blob.digest)
            )
        }
    }
}

/// An archive that comes as a stream: every file is put into staging, since what says how they
/// belong together may come last.
final class StreamedArchive: ArchiveContent {
    let subject: String
    private let store: ImageStore
    private var files: [String: StagedBlob] = [:]
    /// Links to other files of the archive, as old `docker save` has them.
    private var links: [String: String] = [:]
    private var seen: Set<String> = []
    private var remaining: Int64

    /// Nobody writes more.
    private static let entryLimit = 100_000
    private static let linkLimit = 16

    /// Reads all of it; `subject` is its name for errors.
    init(_ source: any ByteSource, subject: String, into store: ImageStore) throws {
        self.subject = subject
        self.store = store
        remaining = try store.freeSpace()
        let archive = try ForeignArchive(source, as: .tar, subject: subject)
        var count = 0
        while let entry = try archive.next() {
            count += 1
            guard count <= Self.entryLimit else {
                throw ImageStoreError(
                    subject: subject,
                    .limit("it has more than \(Self.entryLimit) entries")
                )
            }
            try take(entry, from: archive)
        }
        guard count > 0 else {
            throw ImageStoreError(subject: subject, .refused("it is empty"))
        }
    }

    private func take(_ entry: ForeignArchive.Entry, from archive: ForeignArchive) throws {
        let path = try normal(entry.name)
        if case .folder = entry.kind { return }
        guard seen.insert(path).inserted else { throw problem(path, "it occurs twice") }
        switch entry.kind {
        case .folder: return
        case .file:
            let staging = try BlobStaging(in: store, subject: subject, limit: remaining)
            try archive.readContent(staging.write)
            let blob = staging.finish()
            remaining -= blob.size
            try check(blob, at: path)
            files[path] = blob
        case .symbolicLink(let target):
            let folder = path.split(separator: "/").dropLast().map(String.init)
            links[path] = try Self.resolve(target, in: folder) ?? refuse(path)
        case .hardLink(let target): links[path] = try normal(target)
        case .other: throw problem(path, "neither file, folder nor link")
        }
        if links[path] != nil, path.hasPrefix("blobs/") {
            throw problem(path, "it is a link; blobs have to be files")
        }
    }

    private func refuse(_ path: String) throws -> String {
        throw problem(path, "it is a link that leads out of the archive")
    }

    /// Where a link leads, by its text alone; nil when that is outside.
    private static func resolve(_ target: [UInt8], in folder: [String]) throws -> String? {
        guard target.first != UInt8(ascii: "/"), !target.isEmpty else { return nil }
        var path = folder
        for part in String(decoding: target, as: UTF8.self).split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                guard path.popLast() != nil else { return nil }
            default: path.append(String(part))
            }
        }
        return path.joined(separator: "/")
    }

    func file(at path: String) throws -> StagedBlob? {
        var path = try normal(path.utf8)
        for _ in 0..<Self.linkLimit {
            if let file = files[path] { return file }
            guard let target = links[path] else { return nil }
            path = target
        }
        throw problem(path, "links that lead to each other")
    }
}

/// An archive that has been unpacked: a folder, read where it is asked for.
final class UnpackedArchive: ArchiveContent {
    let subject: String
    private let store: ImageStore
    private let root: Root
    private var files: [String: StagedBlob] = [:]

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
        guard status.st_mode & S_IFMT == S_IFREG else { throw problem(path, "it is no file") }
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
