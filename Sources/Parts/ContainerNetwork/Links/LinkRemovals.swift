import Synchronization

/// Removes links for many callers together: while one removal runs, the links of those who come
/// meanwhile gather, and go with the next.
final class LinkRemovals: Sendable {
    private typealias Caller = CheckedContinuation<Result<Void, NetworkError>, Never>

    private struct State {
        var isRunning = false
        var waiting: [(names: [String], caller: Caller)] = []
    }

    private let state = Mutex(State())

    /// Returns when these links are gone. `body` removes any number of links; the first caller
    /// runs it for all.
    func remove(
        _ names: [String],
        _ body: @escaping @Sendable ([String]) async throws(NetworkError) -> Void
    ) async throws(NetworkError) {
        guard !names.isEmpty else { return }
        let result: Result<Void, NetworkError> = await withCheckedContinuation { caller in
            let starts = state.withLock { state in
                state.waiting.append((names, caller))
                defer { state.isRunning = true }
                return !state.isRunning
            }
            // Ends when nobody waits any more; each caller waits for its own part of it.
            if starts { Task { await run(body) } }
        }
        try result.get()
    }

    private func run(_ body: ([String]) async throws(NetworkError) -> Void) async {
        while let callers = next() {
            let result: Result<Void, NetworkError>
            do throws(NetworkError) {
                try await body(callers.flatMap(\.names))
                result = .success(())
            } catch {
                result = .failure(error)
            }
            for caller in callers { caller.caller.resume(returning: result) }
        }
    }

    private func next() -> [(names: [String], caller: Caller)]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isRunning = !state.waiting.isEmpty
            return state.isRunning ? state.waiting : nil
        }
    }
}

extension NetlinkSocket {
    /// Removes these links, as far as they are there, in one step: they are put into a group of
    /// their own, which is removed.
    mutating func remove(links names: [String]) throws(NetworkError) {
        if names.count == 1 {
            try perform([RouteRequest.delete(link: names[0])])
            return
        }
        // Group 0 holds every link of the machine.
        let group = UInt32.random(in: 1 << 16 ... .max)
        try perform(
            names.map { RouteRequest.setGroup($0, group) }
                + [
                    RouteRequest.delete(
                        group: group,
                        action: "remove links \(names.joined(separator: ", "))"
                    )
                ]
        )
    }
}
