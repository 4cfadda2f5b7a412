import Glibc
import Linux
import OCI
import SystemPackage

/// Digests of files, remembered from build to build by what the kernel says of each: as long as
/// device, inode, size and change time are the same, the content is.
struct FileDigests: Sendable {
    /// What stands for a file's content.
    private struct Key: Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var changed: FileFacts.Time
    }

    /// What a file contributes to a digest.
    struct File {
        var data: Digest
        var attributes: [String: [UInt8]]
    }

    /// Another write within this time may not have moved the change time: the kernel's clock for
    /// it has ticks of some milliseconds.
    private static let tick: Int64 = 50_000_000
    private static let magic = Array("berth file digests 1\n".utf8)
    private static let recordBytes = 5 * 8 + 32
    /// Beyond this only what the present build looked at is kept.
    private static let maximumRecords = 200_000

    private let store: FilePath?
    private var known: [Key: [UInt8]] = [:]
    private var used: Set<Key> = []
    private var hasNew = false

    /// Remembers nothing.
    init() { store = nil }

    /// Reads what earlier builds left; a file that cannot be read counts as empty.
    init(store: FilePath) {
        self.store = store
        let limit = Self.magic.count + 2 * Self.maximumRecords * Self.recordBytes
        // Only a cache: whatever is wrong with it, the files themselves are read instead.
        guard let bytes = try? readFile(store, limit: limit), bytes.starts(with: Self.magic)
        else { return }
        var rest = bytes[Self.magic.count...]
        while rest.count >= Self.recordBytes {
            let numbers = (0..<5).map { index in
                (0..<8).reduce(UInt64(0)) { sum, byte in
                    sum | UInt64(rest[rest.startIndex + index * 8 + byte]) << (8 * byte)
                }
            }
            let key = Key(
                device: numbers[0],
                inode: numbers[1],
                size: Int64(bitPattern: numbers[2]),
                changed: .init(
                    seconds: Int64(bitPattern: numbers[3]),
                    nanoseconds: Int64(bitPattern: numbers[4])
                )
            )
            let digest = rest.dropFirst(40).prefix(32)
            known[key] = Array(digest)
            rest = rest.dropFirst(Self.recordBytes)
        }
    }

    /// The digest of an item's data, and its attributes.
    mutating func file(_ item: CopyItem, in view: LayeredTree) throws -> File {
        let key = Key(
            device: item.facts.device,
            inode: item.facts.inode,
            size: item.facts.size,
            changed: item.facts.changed
        )
        used.insert(key)
        if let bytes = known[key], let digest = Digest(hex: Self.hex(bytes)) {
            return File(data: digest, attributes: [:])
        }
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
            known[key] = Self.bytes(digest)
            hasNew = true
        }
        return File(data: digest, attributes: attributes)
    }

    /// Takes over what another copy of these digests has learnt since.
    mutating func learn(from other: FileDigests) {
        known.merge(other.known) { $1 }
        used.formUnion(other.used)
        hasNew = hasNew || other.hasNew
    }

    /// Writes down what was learnt.
    func save() throws {
        guard let store, hasNew else { return }
        let kept =
            known.count > Self.maximumRecords ? known.filter { used.contains($0.key) } : known
        var bytes = Self.magic
        bytes.reserveCapacity(bytes.count + kept.count * Self.recordBytes)
        for (key, digest) in kept {
            let numbers = [
                key.device, key.inode, UInt64(bitPattern: key.size),
                UInt64(bitPattern: key.changed.seconds),
                UInt64(bitPattern: key.changed.nanoseconds),
            ]
            for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
            bytes += digest
        }
        try atomicWrite(bytes, to: store, synced: false)
    }

    private static func isSettled(_ changed: FileFacts.Time) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age =
            (Int64(now.tv_sec) - changed.seconds) * 1_000_000_000
            + Int64(now.tv_nsec) - changed.nanoseconds
        return age > tick
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(_ digest: Digest) -> [UInt8] {
        let digits = digest.hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
