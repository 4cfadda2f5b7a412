import Linux
import Synchronization

/// One connection to a supervisor: replies find their requests by number.
final class SupervisorLink: Sendable {
    /// The connection ended before the reply came.
    struct Lost: Error {}

    private struct State {
        var next: UInt64 = 1
        var isOpen = true
        var waiting: [UInt64: CheckedContinuation<Reply, any Error>] = [:]
        var watchers: [AsyncStream<SupervisorEvent>.Continuation] = []
    }

    private let connection: UnixConnection
    private let lines: AsyncStream<[UInt8]>
    private let outbox: AsyncStream<[UInt8]>.Continuation
    private let state = Mutex(State())

    init(_ connection: UnixConnection) {
        self.connection = connection
        (lines, outbox) = AsyncStream.makeStream(of: [UInt8].self)
    }

    /// Sends and receives until the connection ends; run by the client in a task of its own.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.send() }
            group.addTask { await self.receive() }
        }
    }

    private func send() async {
        for await line in lines {
            do { try await connection.write(line) } catch { return close() }
        }
    }

    private func receive() async {
        var reader = LineReader(connection, limit: ControlProtocol.maximumLineBytes)
        while true {
            do {
                guard let line = try await reader.next() else { break }
                handle(try ControlProtocol.read(ServerLine.self, from: line))
            } catch {
                // A broken line and a broken connection are the same to those who wait.
                break
            }
        }
        close()
    }

    private func handle(_ line: ServerLine) {
        switch line {
        case .reply(let number, let reply):
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: reply)
        case .event(let event):
            for watcher in state.withLock(\.watchers) { watcher.yield(event) }
        }
    }

    /// Sends a request and waits for its reply; throws `Lost` when the connection ends before.
    func ask(_ verb: Request.Verb) async throws -> Reply {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let line = try ControlProtocol.line(Request(number: number, verb: verb))
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOpen = state.withLock { state in
                    if state.isOpen { state.waiting[number] = continuation }
                    return state.isOpen
                }
                guard isOpen else { return continuation.resume(throwing: Lost()) }
                if Task.isCancelled { return drop(number, CancellationError()) }
                outbox.yield(line)
                CrashPoint.requestSent.pass()
            }
        } onCancel: {
            drop(number, CancellationError())
        }
    }

    private func drop(_ number: UInt64, _ error: any Error) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(throwing: error)
    }

    /// False once the connection has ended.
    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Events from now on, until the connection ends.
    func events() -> AsyncStream<SupervisorEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SupervisorEvent.self,
            bufferingPolicy: .bufferingNewest(4096)
        )
        let isOpen = state.withLock { state in
            if state.isOpen { state.watchers.append(continuation) }
            return state.isOpen
        }
        if !isOpen { continuation.finish() }
        return stream
    }

    /// Ends the connection; open requests fail with `Lost`.
    func close() {
        connection.shutDown()
        outbox.finish()
        let (waiting, watchers) = state.withLock { state in
            state.isOpen = false
            defer {
                state.waiting = [:]
                state.watchers = []
            }
            return (state.waiting.values.map { $0 }, state.watchers)
        }
        for continuation in waiting { continuation.resume(throwing: Lost()) }
        for watcher in watchers { watcher.finish() }
    }
}
