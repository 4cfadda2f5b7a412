import Glibc

/// Digests of files in one piece of memory, sorted by what stands for each file, as they lie in a file of
/// the cache: nothing is made of those that a build does not ask for.
struct DigestTable: Sendable {
    /// What the kernel says of a file, most significant byte first, so that memory sorts as numbers do.
    struct Key: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: UInt64
        var seconds: UInt64
        var nanoseconds: UInt64

        fileprivate var bytes: (UInt64, UInt64, UInt64, UInt64, UInt64) {
            (
                device.bigEndian, inode.bigEndian, size.bigEndian, seconds.bigEndian,
                nanoseconds.bigEndian
            )
        }
    }

    static let keyBytes = 5 * 8
    static let digestBytes = 32
    static let recordBytes = keyBytes + digestBytes

    /// Whole records, sorted.
    private let records: [UInt8]
    var count: Int { records.count / Self.recordBytes }

    /// None.
    init() { records = [] }

    /// Takes records as `bytes(with:keeping:)` wrote them; what is not a whole one at the end is left out.
    init(_ bytes: ArraySlice<UInt8>) {
        records = Array(bytes.prefix(bytes.count / Self.recordBytes * Self.recordBytes))
    }

    /// Where a key is; nil when it is not here.
    func index(of key: Key) -> Int? {
        withUnsafeBytes(of: key.bytes) { wanted in
            records.withUnsafeBytes { records in
                guard let wanted = wanted.baseAddress, let start = records.baseAddress else {
                    return nil
                }
                var (low, high) = (0, records.count / Self.recordBytes)
                while low < high {
                    let middle = (low + high) / 2
                    let order = memcmp(start + middle * Self.recordBytes, wanted, Self.keyBytes)
                    if order == 0 { return middle }
                    if order < 0 { low = middle + 1 } else { high = middle }
                }
                return nil
            }
        }
    }

    /// The digest of a record.
    func digest(at index: Int) -> ArraySlice<UInt8> {
        records[index * Self.recordBytes..<(index + 1) * Self.recordBytes]
            .dropFirst(Self.keyBytes)
    }

    /// These records with others, sorted; of these, those alone that `isKept` lets through. None of the
    /// others is in this table.
    func bytes(with others: [Key: [UInt8]], keeping isKept: (Int) -> Bool) -> [UInt8] {
        let added = others.map { key, digest in
            withUnsafeBytes(of: key.bytes) { Array($0) } + digest
        }.sorted { $0.lexicographicallyPrecedes($1) }
        var result: [UInt8] = []
        result.reserveCapacity(records.count + added.count * Self.recordBytes)
        var next = added.startIndex
        for index in 0..<count where isKept(index) {
            let start = index * Self.recordBytes
            let record = records[start..<start + Self.recordBytes]
            while next < added.endIndex, added[next].lexicographicallyPrecedes(record) {
                result += added[next]
                next += 1
            }
            result += record
        }
        for record in added[next...] { result += record }
        return result
    }
}
