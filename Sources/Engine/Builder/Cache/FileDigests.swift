import Glibc
import Linux
import OCI
import SystemPackage

/// Digests of files, remembered from build to build by what the kernel says of each: as long as
/// device, inode, size and change time are the same, the content is.
struct FileDigests: Sendable {
    /// What a file contributes to a digest.
    struct File {
        var data: Digest
        var attributes: [String: [UInt8]]
    }

    /// Another write within this time may not have moved the change time: the kernel's clock for
    /// it has ticks of some milliseconds.
    private static let tick: Int64 = 50_000_000
    private static let magic = Array("berth file digests 2\n".utf8)
    /// Beyond this only what the present build looked at is kept.
    private static let maximumRecords = 200_000

    private let store: FilePath?
    /// What earlier builds left, and which of it this one asked for.
    private let known: DigestTable
    private var used: Set<Int> = []
    /// What this build learnt.
    private var fresh: [DigestTable.Key: [UInt8]] = [:]

    /// Remembers nothing.
    init() {
        store = nil
        known = DigestTable()
    }

    /// Reads what earlier builds left; a file that cannot be read counts as empty.
    init(store: FilePath) {
        self.store = store
        let limit = Self.magic.count + 2 * Self.maximumRecords * DigestTable.recordBytes
        // Only a cache: whatever is wrong with it, the files themselves are read instead.
        let bytes = try? readFile(store, limit: limit)
        guard let bytes, bytes.starts(with: Self.magic) else {
            known = DigestTable()
            return
        }
        known = DigestTable(bytes[Self.magic.count...])
    }

    /// What is known of a file.
    private mutating func find(_ key: DigestTable.Key) -> Digest? {
        if let bytes = fresh[key] { return Digest(hex: Self.hex(bytes[...])) }
        guard let index = known.index(of: key) else { return nil }
        if remembersUses { used.insert(index) }
        return Digest(hex: Self.hex(known.digest(at: index)))
    }

    /// What nobody uses is forgotten only where there is too much.
    private var remembersUses: Bool { known.count > Self.maximumRecords / 2 }

    /// The digest of an item's data, and its attributes.
    mutating func file(_ item: CopyItem, in view: LayeredTree) throws -> File {
        let key = DigestTable.Key(
            device: item.facts.device,
            inode: item.facts.inode,
            size: UInt64(bitPattern: item.facts.size),
            seconds: UInt64(bitPattern: item.facts.changed.seconds),
            nanoseconds: UInt64(bitPattern: item.facts.changed.nanoseconds)
        )
        if let digest = find(key) { return File(data: digest, attributes: [:]) }
        let fd = try view.open(item)
        let attributes = try CopyScan.attributes(of: fd)
        var hash = SHA256()
        while true {
            let bytes = try fd.with { fd in
                try [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
                    count = try syscall("read", on: item.path.string) {
                        read(fd, buffer.baseAddress, buffer.count)
                    }
                }
            }
            if bytes.isEmpty { break }
            hash.update(bytes)
        }
        let digest = hash.finish()
        let after = try FileFacts(of: fd, subject: item.path.string)
        // Attributes are rare enough to be read again each time.
        if attributes.isEmpty, after.isUnchanged(since: item.facts), Self.isSettled(after.changed) {
            fresh[key] = Self.bytes(digest)
        }
        return File(data: digest, attributes: attributes)
    }

    /// Takes over what another copy of these digests has learnt since.
    mutating func learn(from other: FileDigests) {
        fresh.merge(other.fresh) { $1 }
        used.formUnion(other.used)
    }

    /// Writes down what was learnt. Where that is too much, what this build did not ask for is left out.
    func save() throws {
        guard let store, !fresh.isEmpty else { return }
        let isFull = known.count + fresh.count > Self.maximumRecords
        let records = known.bytes(with: fresh) { !isFull || used.contains($0) }
        try atomicWrite(Self.magic + records, to: store, synced: false)
    }

    private static func isSettled(_ changed: FileFacts.Time) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age =
            (Int64(now.tv_sec) - changed.seconds) * 1_000_000_000
            + Int64(now.tv_nsec) - changed.nanoseconds
        return age > tick
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            var place = 0
            for byte in bytes {
                for half in [byte >> 4, byte & 15] {
                    text[place] = half < 10 ? half + 48 : half + 87
                    place += 1
                }
            }
            return place
        }
    }

    private static func bytes(_ digest: Digest) -> [UInt8] {
        let digits = digest.hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
