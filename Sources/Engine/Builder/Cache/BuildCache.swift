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
        /// The step, as people wrote it; one line.
        var text = ""
    }

    /// A record and what its file says of its use.
    struct Use: Sendable {
        var record: Record
        /// Nanoseconds since 1970 at which a build last had it.
        var lastUsed: Int64
        /// How many builds had it; the one that made it counts.
        var count: Int
    }

    private let folder: FilePath
    private static let magic = "berth build cache 2"
    /// Of a file: the record, and one byte for each use.
    private static let limit = 4096
    private static let textLimit = 400

    init(_ folder: FilePath) { self.folder = folder }

    func record(for key: Digest) -> Record? {
        // Absent or damaged, either way the step is carried out.
        guard let bytes = try? readFile(path(key), limit: Self.limit) else { return nil }
        return Self.parse(bytes)?.record
    }

    /// Notes that a build took what the key stands for: a byte more in its file, whose time is then
    /// that of the last use.
    func noteUse(of key: Digest) {
        guard let size = LastUse.look(path(key))?.size else { return }
        guard size < Self.limit - 64,
            let file = try? openFile(path(key), O_WRONLY | O_APPEND)
        else { return LastUse.note(path(key)) }
        file.with { fd in _ = write(fd, ".", 1) }
    }

    func store(_ record: Record, for key: Digest) throws(SyscallError) {
        let step = Self.line(record.text)
        let text =
            "\(Self.magic)\n\(record.layer)\n\(record.size)\n\(record.created)\n\(step)\n."
        try makeDirectories(path(key).removingLastComponent())
        try atomicWrite(Array(text.utf8), to: path(key), synced: false)
    }

    /// Every layer that some record names.
    func layers() throws(SyscallError) -> Set<Digest> {
        Set(try uses().map(\.record.layer))
    }

    /// Every record.
    func uses() throws(SyscallError) -> [Use] {
        var uses: [Use] = []
        try forEachFile { path, name throws(SyscallError) in
            // A file that vanished or is damaged says nothing.
            if let use = Self.use(path) { uses.append(use) }
        }
        return uses
    }

    /// Forgets the records that `doomed` is true of, and those that cannot be read.
    func remove(where doomed: (Record) -> Bool) throws(SyscallError) -> Int {
        var removed = 0
        try forEachFile { path, _ throws(SyscallError) in
            // A file that vanished is as good as removed; a damaged one goes too.
            if let use = Self.use(path), !doomed(use.record) { return }
            try removeTree(path)
            removed += 1
        }
        return removed
    }

    private static func use(_ path: FilePath) -> Use? {
        guard let bytes = try? readFile(path, limit: limit), let (record, count) = parse(bytes),
            let lastUsed = LastUse.look(path)?.time
        else { return nil }
        return Use(record: record, lastUsed: lastUsed, count: count)
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

    static func names(_ path: FilePath) throws(SyscallError) -> [FilePath.Component] {
        do throws(SyscallError) {
            return try openFile(path, O_RDONLY | O_DIRECTORY).entryNames()
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return []
        }
    }

    private func path(_ key: Digest) -> FilePath {
        folder.appending(String(key.hex.prefix(2))).appending(key.hex)
    }

    private static func parse(_ bytes: [UInt8]) -> (record: Record, uses: Int)? {
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 6, lines[0] == magic, let layer = Digest(String(lines[1])),
            let size = Int64(lines[2]), size >= 0, !lines[3].isEmpty
        else { return nil }
        let (created, text) = (String(lines[3]), String(lines[4]))
        let record = Record(layer: layer, size: size, created: created, text: text)
        return (record, max(1, lines[5].utf8.count))
    }

    /// A step's text in one line, as long as a list can show it.
    private static func line(_ text: String) -> String {
        let words = text.split { $0 == " " || $0.isNewline || $0 == "\t" }.joined(separator: " ")
        return String(words.unicodeScalars.prefix(textLimit).map(Character.init))
    }
}
