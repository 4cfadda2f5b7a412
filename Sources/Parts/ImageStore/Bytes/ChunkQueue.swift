import Dispatch
import Synchronization

/// Carries bytes from a task that receives them to a thread that uses them, a few MiB at most in
/// between. One sender, one reader.
///
/// The reader sleeps until there is enough to be worth waking it, and then takes all of it: a network
/// brings small chunks, and for each a thread would be woken, a file written and somebody told.
package final class ChunkQueue: ByteSource {
    private struct State {
        var chunks: [ArraySlice<UInt8>] = []
        var queued = 0
        var end: Result<Void, any Error>?
        var isClosed = false
        var readerWaits = false
        var sender: CheckedContinuation<Void, Never>?

        mutating func takePieces(atMost limit: Int) -> [ArraySlice<UInt8>] {
            var pieces: [ArraySlice<UInt8>] = []
            var left = limit
            var used = 0
            while left > 0, used < chunks.count {
                let piece = chunks[used].prefix(left)
                pieces.append(piece)
                left -= piece.count
                chunks[used] = chunks[used].dropFirst(piece.count)
                if chunks[used].isEmpty { used += 1 }
            }
            chunks.removeFirst(used)
            queued -= limit - left
            return pieces
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

    /// Hands over a chunk and waits while the queue is full. Throws `Closed` when nobody reads.
    package func send(_ chunk: [UInt8]) async throws(Closed) {
        await withCheckedContinuation { continuation in
            let proceeds = state.withLock { state in
                guard !state.isClosed else { return true }
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

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            guard let pieces = try take(atMost: buffer.count) else {
                arrival.wait()
                continue
            }
            var filled = 0
            for piece in pieces {
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                room.copyBytes(from: piece)
                filled += piece.count
            }
            return filled
        }
    }

    /// What is there, no piece at the end; nil when it is worth waiting for more.
    private func take(atMost limit: Int) throws -> [ArraySlice<UInt8>]? {
        var sender: CheckedContinuation<Void, Never>?
        defer { sender?.resume() }
        return try state.withLock { state in
            guard state.queued >= enough || state.end != nil else {
                state.readerWaits = true
                return nil
            }
            if state.queued == 0 { try state.end?.get() }
            let pieces = state.takePieces(atMost: limit)
            if state.queued <= capacity { sender = state.sender.take() }
            return pieces
        }
    }

    private func wakeReader(_ state: inout State) {
        guard state.readerWaits else { return }
        state.readerWaits = false
        arrival.signal()
    }
}
