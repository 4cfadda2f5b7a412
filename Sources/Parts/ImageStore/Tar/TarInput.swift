/// The plain bytes of a tar, taken in exact amounts.
struct TarInput {
    private let stream: any Decoder
    /// What was read and not yet taken.
    private var chunk = UnsafeRawBufferPointer(start: nil, count: 0)
    /// How many bytes were taken.
    private(set) var position: Int64 = 0

    init(_ stream: any Decoder) { self.stream = stream }

    /// Takes bytes that lie together, `limit` at most, valid until the next call; none at the end.
    mutating func take(atMost limit: Int64) throws -> UnsafeRawBufferPointer {
        while chunk.isEmpty {
            guard let next = try stream.next() else { return chunk }
            chunk = next
        }
        let count = Int(min(Int64(chunk.count), limit))
        let taken = UnsafeRawBufferPointer(rebasing: chunk[..<count])
        chunk = UnsafeRawBufferPointer(rebasing: chunk[count...])
        position += Int64(count)
        return taken
    }

    /// Fills a buffer; says how far, which is less only at the end.
    mutating func fill(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < target.count {
            let bytes = try take(atMost: Int64(target.count - filled))
            if bytes.isEmpty { break }
            UnsafeMutableRawBufferPointer(rebasing: target[filled...]).copyMemory(from: bytes)
            filled += bytes.count
        }
        return filled
    }

    /// Takes a number of bytes; fewer come only at the end.
    mutating func bytes(_ count: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            let bytes = try take(atMost: Int64(count - result.count))
            if bytes.isEmpty { break }
            result.append(contentsOf: bytes)
        }
        return result
    }

    /// Passes over bytes; false when the end comes before.
    mutating func skip(_ count: Int64) throws -> Bool {
        var left = count
        while left > 0 {
            let bytes = try take(atMost: left)
            if bytes.isEmpty { return false }
            left -= Int64(bytes.count)
        }
        return true
    }
}
