/// Somebody who is expected, for a time.
final class Arrival: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    /// As long as nobody comes, who was killed for one, the others wait no longer than this.
    private static let patience = Duration.seconds(10)

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self) }

    /// They are there.
    func come() { continuation.finish() }

    /// Returns when they are there, will not be waited for any longer, or the task is cancelled.
    func wait() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [stream] in for await _ in stream {} }
            // `try?`: they came, or the launch was cancelled.
            group.addTask { try? await Task.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
    }
}
