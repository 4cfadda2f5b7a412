/// The compressed bytes a decoder is working on.
final class InputBuffer {
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    private var unread = 0..<0
    private let source: Source

    /// Puts the next bytes into a buffer and says how many; 0 is the end.
    typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

    /// How many bytes came, used or not.
    private(set) var received: Int64 = 0

    init(_ source: @escaping Source) { self.source = source }

    deinit { memory.deallocate() }

    /// What has arrived and was not used; valid until the next call of any method.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[unread]) }

    /// Marks bytes as used.
    func consume(_ count: Int) { unread = unread.lowerBound + count..<unread.upperBound }

    /// Waits until at least so many unused bytes are there; false when the blob ends before.
    func fill(atLeast wanted: Int = 1) throws -> Bool {
        while unread.count < wanted {
            if unread.lowerBound > 0 {
                memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[unread]))
                unread = 0..<unread.count
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: memory[unread.upperBound...])
            let count = try source(room)
            if count == 0 { return false }
            received += Int64(count)
            unread = unread.lowerBound..<unread.upperBound + count
        }
        return true
    }

    /// Reads to the blob's end without using anything.
    func drain() throws {
        repeat { unread = 0..<0 } while try fill()
    }
}
