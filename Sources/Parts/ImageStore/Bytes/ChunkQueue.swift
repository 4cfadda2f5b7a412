import Dispatch
import Synchronization

/// Carries bytes from a task that receives them to a thread that uses them, a few MiB at most in
/// between. One sender, one reader.
package final class ChunkQueue: ByteSource {
    private struct State {
        var chunks: [[UInt8]] = []
        /// How much of the first chunk has been read.
        var offset = 0
        var queued = 0
        var end: Result<Void, any Error>?
        var isClosed = false
        var readerWaits = false
        var sender: CheckedContinuation<Void, Never>?
    }

    /// The reader has given up and takes no more.
    package struct Closed: Error {
        package init() {}
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)
    private let capacity: Int

    package init(capacity: Int = 4 << 20) { self.capacity = capacity }

    /// Hands over a chunk and waits while the queue is full. Throws `Closed` when nobody reads.
    package func send(_ chunk: [UInt8]) async throws(Closed) {
        await withCheckedContinuation { continuation in
            let proceeds = state.withLock { state in
                guard !state.isClosed else { return true }
                state.chunks.append(chunk)
                state.queued += chunk.count
                wakeReader(&state)
                guard state.queued > capacity else { return true }
                state.sender = continuation
                return false
            }
            if proceeds { continuation.resume() }
        }
        if state.withLock({ $0.isClosed }) { throw Closed() }
    }

    /// Says that everything was sent, or why the rest will not come.
    package func finish(_ result: Result<Void, any Error> = .success(())) {
        state.withLock { state in
            guard state.end == nil else { return }
            state.end = result
            wakeReader(&state)
        }
    }

    /// Takes no more; the sender learns of it.
    package func close() {
        let sender = state.withLock { state in
            state.isClosed = true
            state.chunks = []
            return state.sender.take()
        }
        sender?.resume()
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = try take(into: buffer)
            if let count { return count }
            arrival.wait()
        }
    }

    /// What is there now; nil when there is nothing yet.
    private func take(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
        var sender: CheckedContinuation<Void, Never>?
        defer { sender?.resume() }
        return try state.withLock { state -> Int? in
            guard let chunk = state.chunks.first else {
                if let end = state.end {
                    try end.get()
                    return 0
                }
                state.readerWaits = true
                return nil
            }
            let count = min(buffer.count, chunk.count - state.offset)
            buffer.copyBytes(from: chunk[state.offset..<state.offset + count])
            state.offset += count
            state.queued -= count
            if state.offset == chunk.count {
                state.chunks.removeFirst()
                state.offset = 0
            }
            if state.queued <= capacity { sender = state.sender.take() }
            return count
        }
    }

    private func wakeReader(_ state: inout State) {
        guard state.readerWaits else { return }
        state.readerWaits = false
        arrival.signal()
    }
}
