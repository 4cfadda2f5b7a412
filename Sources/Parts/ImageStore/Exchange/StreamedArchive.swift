import OCI

/// An archive that comes as a stream, plain or compressed: every file is put into staging, since
/// what says how they belong together may come last. Links are kept as texts, and lead only to
/// other files of the archive.
final class StreamedArchive: ArchiveContent {
    let subject: String
    private let store: ImageStore
    private var files: [String: StagedBlob] = [:]
    /// Links to other files of the archive, as old `docker save` has them.
    private var links: [String: String] = [:]
    private var remaining: Int64
    private var nameBytes = 0

    /// Nobody writes more.
    private static let entryLimit = 100_000
    private static let nameLimit = 16 << 20
    private static let linkLimit = 16
    /// Of what may follow the end of the tar: who writes it into a pipe wants it read.
    private static let trailerLimit = 1 << 20

    /// Reads all of it; `subject` is its name for errors.
    init(_ source: any ByteSource, subject: String, into store: ImageStore) throws {
        self.subject = subject
        self.store = store
        remaining = try store.freeSpace()
        let input = InputBuffer { try source.read(into: $0) }
        let decoder = try Compression.decoder(input, subject: subject)
        let archive = TarReader(decoder, subject: subject)
        var next = try first(of: archive)
        guard next != nil else { throw ImageStoreError(subject: subject, .refused("it is empty")) }
        var count = 0
        while let entry = next {
            count += 1
            guard count <= Self.entryLimit else {
                throw ImageStoreError(
                    subject: subject,
                    .limit("it has more than \(Self.entryLimit) entries")
                )
            }
            try take(entry, from: archive)
            next = try archive.next()
        }
        var left = Self.trailerLimit
        while left > 0, let bytes = try decoder.next() { left -= bytes.count }
    }

    /// What does not even begin like a tar is called so.
    private func first(of archive: TarReader) throws -> TarEntry? {
        do {
            return try archive.next()
        } catch let error as ImageStoreError {
            guard case .corrupt(let reason) = error.problem else { throw error }
            throw ImageStoreError(subject: subject, .corrupt("no tar archive: \(reason)"))
        }
    }

    private func take(_ entry: TarEntry, from archive: TarReader) throws {
        guard entry.name.first != UInt8(ascii: "/") else {
            throw problem(printable(entry.name), "its name is absolute")
        }
        let path = try normal(entry.name)
        if case .directory = entry.kind { return }
        nameBytes += path.utf8.count
        guard nameBytes <= Self.nameLimit else {
            throw ImageStoreError(subject: subject, .limit("the names in it take too much memory"))
        }
        guard files[path] == nil, links[path] == nil else { throw problem(path, "it occurs twice") }
        switch entry.kind {
        case .directory: return
        case .file: files[path] = try content(of: entry, at: path, from: archive)
        case .symbolicLink(let target):
            let folder = path.split(separator: "/").dropLast().map(String.init)
            links[path] = try Self.resolve(target, in: folder) ?? refuse(path)
        case .hardLink(let target): links[path] = try normal(target)
        case .fifo, .device, .other: throw problem(path, "neither file, folder nor link")
        }
        if links[path] != nil, path.hasPrefix("blobs/") {
            throw problem(path, "it is a link; blobs have to be files")
        }
    }

    private func content(
        of entry: TarEntry,
        at path: String,
        from archive: TarReader
    ) throws -> StagedBlob {
        guard !archive.isSparse else {
            throw problem(path, "it is stored with holes; write the archive without --sparse")
        }
        let staging = try BlobStaging(in: store, subject: subject, limit: remaining)
        // One that says that it does not fit is not begun.
        try staging.expect(entry.size)
        try archive.readContent { bytes, _ in try staging.write(bytes) }
        let blob = staging.finish()
        remaining -= blob.size
        try check(blob, at: path)
        return blob
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

    /// `<id>/json` and its neighbours, as Docker wrote them for each layer.
    var hasFirstForm: Bool {
        files.keys.contains { path in
            let parts = path.split(separator: "/")
            return parts.count == 2 && Digest(hex: String(parts[0])) != nil
                && ["json", "VERSION", "layer.tar"].contains(parts[1])
        }
    }
}
