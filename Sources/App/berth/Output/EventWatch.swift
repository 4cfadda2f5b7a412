import Engine

/// The events of this machine in their order, those that come, too.
struct EventWatch {
    let engine: Engine
    /// From when on; nil is from now on.
    var since: Timestamp?
    /// nil goes on for ever.
    var until: Timestamp?

    /// How long one may go unseen: a look is one small read of the database.
    private static let pause = Duration.milliseconds(100)

    /// Ends at `until`, or when its task is cancelled.
    func events() -> AsyncThrowingStream<EventRecord, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: EventRecord.self)
        let task = Task {
            do {
                try await pass { continuation.yield($0) }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func pass(_ take: (EventRecord) -> Void) async throws {
        var last = since == nil ? try await engine.lastEvent() : 0
        while true {
            // Whatever is true by then has its event before this look.
            let isLast = until.map { $0 <= .now() } ?? false
            while case let events = try await engine.events(after: last), let newest = events.last {
                for event in events where event.time >= since ?? event.time {
                    if let until, event.time > until { return }
                    take(event)
                }
                last = newest.sequence
            }
            if isLast { return }
            try await Task.sleep(for: Self.pause)
        }
    }
}
