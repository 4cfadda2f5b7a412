import DequeModule
import Dispatch
import Synchronization

/// Carries bytes from a task that receives them to a thread that uses them, a few MiB at most in
/// between. One sender, one reader.
///
/// The reader sleeps until there is enough to be worth waking it, and then takes all of it: a network
/// brings small chunks, and for each a thread would be woken, a file written and somebody told.
package final class ChunkQueue: ByteSource {
    private struct State {
        var chunks: Deque<ArraySlice<UInt8>> = []
        var queued = 0
        var end: Result<Void, any Error>?
        var isClosed = false
        var readerWaits = false
        /// Whether the reader, once woken, has not come to the end of what is there.
        var readerIsAwake = false
        var sender: CheckedContinuation<Void, Never>?

        mutating func takePiece(atMost limit: Int) -> ArraySlice<UInt8> {
            guard let piece = chunks.first?.prefix(limit) else { return [] }
            chunks[0] = chunks[0].dropFirst(piece.count)
            if chunks[0].isEmpty { chunks.removeFirst() }
            queued -= piece.count
            readerIsAwake = !chunks.isEmpty
            return piece
        }
    }

    /// The reader has given up and takes no more.
    package struct Closed: Error {
        package init() {}
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)
    private let capacity: Int
    /// How much the reader waits for.
    private let enough: Int

    package init(capacity: Int = 4 << 20) {
        self.capacity = capacity
        enough = min(256 << 10, capacity)
    }

    /// Hands over a chunk and waits while the queue is full. Throws `Closed` when the reader has gone.
    package func send(_ chunk: [UInt8]) async throws(Closed) {
        await withCheckedContinuation { continuation in
            let proceeds = state.withLock { state in
                guard !state.isClosed, !chunk.isEmpty else { return true }
                state.chunks.append(chunk[...])
                state.queued += chunk.count
                if state.queued >= enough { wakeReader(&state) }
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

    /// Waits for bytes and reads them into `buffer`; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let piece = try next(atMost: buffer.count)
        buffer.copyBytes(from: piece)
        return piece.count
    }

    /// Waits for bytes, at most `limit`; empty at the end.
    package func next(atMost limit: Int) throws -> ArraySlice<UInt8> {
        while true {
            if let piece = try take(atMost: limit) { return piece }
            arrival.wait()
        }
    }

    /// What is there, nothing at the end; nil while it is worth waiting for more.
    private func take(atMost limit: Int) throws -> ArraySlice<UInt8>? {
        var sender: CheckedContinuation<Void, Never>?
        defer { sender?.resume() }
        return try state.withLock { state -> ArraySlice<UInt8>? in
            guard state.readerIsAwake || state.queued >= enough || state.end != nil else {
                state.readerWaits = true
                return nil
            }
            if state.chunks.isEmpty { try state.end?.get() }
            let piece = state.takePiece(atMost: limit)
            if state.queued <= capacity { sender = state.sender.take() }
            return piece
        }
    }

    private func wakeReader(_ state: inout State) {
        guard state.readerWaits else { return }
        state.readerWaits = false
        arrival.signal()
    }
}
