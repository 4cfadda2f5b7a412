/// Where the stored bytes of a file with holes belong.
struct SparseMap {
    struct Segment: Equatable {
        var offset: Int64
        var count: Int64
    }

    let segments: [Segment]
    /// Of the file, holes included.
    let size: Int64

    /// More pieces than this no file has that somebody wants to have.
    static let limit = 1 << 20

    /// Segments in order that do not overlap, end within the file and are what is stored.
    init(
        _ segments: [Segment],
        size: Int64,
        stored: Int64
    ) throws(TarHeader.Damage) {
        guard size >= 0 else { throw TarHeader.Damage(reason: "the size is negative") }
        var end: Int64 = 0
        var total: Int64 = 0
        for segment in segments {
            guard segment.offset >= end, segment.count >= 0, segment.offset <= size,
                segment.count <= size - segment.offset
            else { throw TarHeader.Damage(reason: "the map of a sparse file makes no sense") }
            end = segment.offset + segment.count
            total += segment.count
        }
        guard total == stored else {
            throw TarHeader.Damage(
                reason: "the map of a sparse file has \(total) bytes, the archive \(stored)"
            )
        }
        self.segments = segments
        self.size = size
    }

    /// Numbers in pairs, as PAX records list them: offset, count, offset, count.
    static func pairs(_ numbers: [Int64]) throws(TarHeader.Damage) -> [Segment] {
        guard numbers.count.isMultiple(of: 2) else {
            throw TarHeader.Damage(reason: "the map of a sparse file is cut")
        }
        return stride(from: 0, to: numbers.count, by: 2).map {
            Segment(offset: numbers[$0], count: numbers[$0 + 1])
        }
    }
}
