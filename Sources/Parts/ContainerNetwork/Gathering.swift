import Synchronization

/// Work for many callers together: while one round runs, those who come meanwhile gather, and go with
/// the next. Every caller's round begins after its call.
final class Gathering<Item: Sendable, Output: Sendable>: Sendable {
    typealias Outcome = Result<Output, NetworkError>

    private struct Caller {
        var item: Item
        var continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var isRunning = false
        var waiting: [Caller] = []
    }

    private let state = Mutex(State())

    /// Returns what a round made of this item. `round` does any number of items and gives their
    /// outcomes in their order; it runs in none of the callers' tasks.
    func run(
        _ item: Item,
        _ round: @escaping @Sendable ([Item]) async -> [Outcome]
    ) async throws(NetworkError) -> Output {
        let outcome: Outcome = await withCheckedContinuation { continuation in
            let starts = state.withLock { state in
                state.waiting.append(Caller(item: item, continuation: continuation))
                defer { state.isRunning = true }
                return !state.isRunning
            }
            // Ends when nobody waits any more; each caller waits for its own part of it.
            if starts { Task { await runRounds(round) } }
        }
        return try outcome.get()
    }

    private func runRounds(_ round: ([Item]) async -> [Outcome]) async {
        while let callers = next() {
            let outcomes = await round(callers.map(\.item))
            precondition(outcomes.count == callers.count)
            for (caller, outcome) in zip(callers, outcomes) {
                caller.continuation.resume(returning: outcome)
            }
        }
    }

    private func next() -> [Caller]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isRunning = !state.waiting.isEmpty
            return state.isRunning ? state.waiting : nil
        }
    }
}
