import Synchronization

/// How many transfers run at the same time, over all images that one command pulls or pushes. Who
/// comes first goes first.
package final class TransferSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        var lastTicket = 0
        /// Cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// Layers that arrive and are unpacked: enough that some of them always keep the processor busy.
    package static let downloads = 4
    /// Docker's number of uploads.
    package static let uploads = 5

    package init(_ count: Int) {
        precondition(count > 0, "without slots nothing would ever be transferred")
        state = Mutex(State(free: count))
    }

    /// Runs `body` in a slot, waiting for one first; `whenWaiting` is told if that is so.
    package func with<R>(
        whenWaiting: () -> Void = {},
        _ body: () async throws -> R
    ) async throws -> R {
        if state.withLock({ $0.free == 0 }) { whenWaiting() }
        try await take()
        defer { giveBack() }
        return try await body()
    }

    private func take() async throws {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil {
                        return .failure(CancellationError())
                    }
                    guard state.free == 0 else {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    state.cancelled.insert(ticket)
                    return nil
                }
                return state.waiting.remove(at: index).continuation
            }
            waiter?.resume(throwing: CancellationError())
        }
        // A cancellation that came after the slot left its mark.
        state.withLock { _ = $0.cancelled.remove(ticket) }
    }

    private func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
