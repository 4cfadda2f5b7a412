import Synchronization

@testable import ImageStore

/// The same bytes again and again, without end; `then` are repeated instead after the first time.
final class RepeatedSource: ByteSource {
    private let state: Mutex<(bytes: [UInt8], position: Int)>
    private let rest: [UInt8]

    init(_ bytes: [UInt8], then rest: [UInt8]? = nil) {
        state = Mutex((bytes, 0))
        self.rest = rest.map { Array(repeatElement($0, count: 4096).joined()) } ?? bytes
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            if state.position == state.bytes.count { state = (rest, 0) }
            let count = min(buffer.count, state.bytes.count - state.position)
            buffer.copyBytes(from: state.bytes[state.position..<state.position + count])
            state.position += count
            return count
        }
    }
}
