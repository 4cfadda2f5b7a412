package import ContainerRuntime

/// Whether and when a container that ended is started again. compose-spec `restart`, with Docker's
/// delays: 100 ms, doubling to a minute, from the beginning again after a run of 10 s.
package struct RestartBackoff: Equatable, Sendable {
    /// What decides whether there is a next start.
    package var policy: RestartPolicy
    /// Restarts made since somebody last asked for the container. Docker's `RestartCount`.
    package private(set) var restarts: Int
    /// Ends in a row of runs that were too short to be a success.
    package private(set) var shortRuns: Int
    private var delay: Duration?

    static let firstDelay: Duration = .milliseconds(100)
    static let longestDelay: Duration = .seconds(60)
    /// A run of this length was a success as far as the delay is concerned.
    static let settledAfter: Duration = .seconds(10)

    /// Goes on where `restarts` leads to when all runs were short: the next delay is twice as long.
    package init(policy: RestartPolicy, restarts: Int = 0) {
        self.policy = policy
        self.restarts = restarts
        shortRuns = restarts
        guard restarts > 0 else { return }
        // More doublings than these are beyond the longest delay.
        let doublings = min(restarts - 1, 16)
        delay = min(Self.firstDelay * (1 << doublings), Self.longestDelay)
    }

    /// The delay before the next start, or nil if there is none. `code` is that of the ended run,
    /// or of a start that failed, which is never 0.
    package mutating func next(afterCode code: Int32, ranFor run: Duration) -> Duration? {
        if run >= Self.settledAfter {
            delay = nil
            shortRuns = 0
        } else {
            shortRuns += 1
        }
        guard allows(code) else { return nil }
        restarts += 1
        let next = min(delay.map { $0 * 2 } ?? Self.firstDelay, Self.longestDelay)
        delay = next
        return next
    }

    /// Somebody asked for the container: counting starts again.
    package mutating func reset() {
        restarts = 0
        shortRuns = 0
        delay = nil
    }

    private func allows(_ code: Int32) -> Bool {
        switch policy {
        case .no: false
        case .always, .unlessStopped: true
        case .onFailure(let maximum): code != 0 && maximum.map { restarts < $0 } ?? true
        }
    }
}
