import Glibc
import Linux
import OCI
import SystemPackage

/// What steps gave, by what they depend on: a folder with one small file per key, each put in
/// place whole. A record that cannot be read counts as missing.
struct BuildCache: Sendable {
    /// The layer that a step made.
    struct Record: Equatable, Sendable {
        var layer: Digest
        /// Bytes of the layer's tar.
        var size: Int64
        /// RFC 3339; the same each time, so that an unchanged build gives the same image.
        var created: String
    }

    private let folder: FilePath
    private static let magic = "berth build cache 1"

    init(_ folder: FilePath) { self.folder = folder }

    func record(for key: Digest) -> Record? {
        // Absent or damaged, either way the step is carried out.
        guard let bytes = try? readFile(path(key), limit: 4096) else { return nil }
        return Self.parse(bytes)
    }

    func store(_ record: Record, for key: Digest) throws(SyscallError) {
        let text = "\(Self.magic)\n\(record.layer)\n\(record.size)\n\(record.created)\n"
        try makeDirectories(path(key).removingLastComponent())
        try atomicWrite(Array(text.utf8), to: path(key), synced: false)
    }

    /// Every layer that some record names.
    func layers() throws(SyscallError) -> Set<Digest> {
        var layers: Set<Digest> = []
        try forEachFile { path, name throws(SyscallError) in
            // A file that vanished or is damaged names no layer.
            if let bytes = try? readFile(path, limit: 4096), let record = Self.parse(bytes) {
                layers.insert(record.layer)
            }
        }
        return layers
    }

    /// How many records there are.
    func count() throws(SyscallError) -> Int {
        var count = 0
        try forEachFile { _, _ throws(SyscallError) in count += 1 }
        return count
    }

    /// Forgets the records that `doomed` is true of, and those that cannot be read.
    func remove(where doomed: (Record) -> Bool) throws(SyscallError) -> Int {
        var removed = 0
        try forEachFile { path, _ throws(SyscallError) in
            // A file that vanished is as good as removed; a damaged one goes too.
            if let bytes = try? readFile(path, limit: 4096), let record = Self.parse(bytes),
                !doomed(record)
            {
                return
            }
            try removeTree(path)
            removed += 1
        }
        return removed
    }

    /// Removes what writers that were killed left.
    func removeAbandonedWrites() throws(SyscallError) {
        for shard in try Self.names(folder) {
            _ = try Linux.removeAbandonedWrites(in: folder.appending(shard))
        }
    }

    /// Forgets everything.
    func removeAll() throws(SyscallError) { try removeTree(folder) }

    private func forEachFile(
        _ body: (FilePath, FilePath.Component) throws(SyscallError) -> Void
    ) throws(SyscallError) {
        for shard in try Self.names(folder) {
            // Hidden ones are being written.
            for name in try Self.names(folder.appending(shard))
            where !name.string.hasPrefix(".") {
                try body(folder.appending(shard).appending(name), name)
            }
        }
    }

    private static func names(_ path: FilePath) throws(SyscallError) -> [FilePath.Component] {
        do throws(SyscallError) {
            return try openFile(path, O_RDONLY | O_DIRECTORY).entryNames()
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return []
        }
    }

    private func path(_ key: Digest) -> FilePath {
        folder.appending(String(key.hex.prefix(2))).appending(key.hex)
    }

    private static func parse(_ bytes: [UInt8]) -> Record? {
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, lines[0] == magic, let layer = Digest(String(lines[1])),
            let size = Int64(lines[2]), size >= 0, !lines[3].isEmpty
        else { return nil }
        return Record(layer: layer, size: size, created: String(lines[3]))
    }
}
