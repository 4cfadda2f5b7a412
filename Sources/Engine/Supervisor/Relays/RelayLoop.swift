import Linux
import Synchronization

/// Passes all connections of the process on, in one thread: each takes the descriptors of its two sockets
/// and nothing else, since they are registered once and for every event.
final class RelayLoop: Sendable {
    private struct State {
        var lastNumber: UInt64 = 0
        var streams: [UInt64: RelayedStream] = [:]
    }

    private static let started = Result { () throws(SyscallError) -> RelayLoop in
        let loop = try RelayLoop()
        try startThread { loop.run() }
        return loop
    }

    private static let atOnce = 128 << 10

    private let events: EdgeEvents
    private let state = Mutex(State())

    /// The thread begins with the first connection.
    static func shared() throws(SyscallError) -> RelayLoop { try started.get() }

    private init() throws(SyscallError) { events = try EdgeEvents() }

    /// Returns when the connection is over, in both directions or because it is broken. With its task
    /// it ends at once.
    func pass(_ client: InternetSocket, _ server: InternetSocket) async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(number, RelayedStream(client, server, onEnd: continuation))
                if Task.isCancelled { end(number) }
            }
        } onCancel: {
            end(number)
        }
    }

    private func begin(_ number: UInt64, _ stream: RelayedStream) {
        state.withLock { $0.streams[number] = stream }
        for side in stream.sides where !events.watch(side, as: number) { end(number) }
    }

    private func end(_ number: UInt64) {
        state.withLock { $0.streams.removeValue(forKey: number) }?.end()
    }

    private func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.atOnce, alignment: 16)
        defer { buffer.deallocate() }
        var unfinished: Set<UInt64> = []
        var broken: Set<UInt64> = []
        while true {
            events.wait(isLooking: !unfinished.isEmpty, into: &unfinished, broken: &broken)
            unfinished = unfinished.filter { advance($0, buffer) }
            // A side that is gone after its end was passed on: nothing that is read or written says so
            // as long as the other side is silent.
            for number in broken.subtracting(unfinished) { end(number) }
            broken.formIntersection(unfinished)
        }
    }

    /// Whether there is more to do at once.
    private func advance(_ number: UInt64, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard let stream = state.withLock({ $0.streams[number] }) else { return false }
        switch stream.advance(buffer) {
        case .waiting: return false
        case .more: return true
        case .over:
            end(number)
            return false
        }
    }
}
