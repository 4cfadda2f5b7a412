package import ContainerRuntime
package import Engine

/// The state of one run's health check: says when to ask next and what the answers mean. No I/O, no
/// clock; times are readings of one monotonic clock. compose-spec `healthcheck`, with Docker's rules:
/// the first probe comes after an interval, failures during the start period do not count, and its
/// first success ends it. docs/decisions/049.
package struct HealthProbe: Equatable, Sendable {
    package private(set) var health = ContainerRecord.Health.starting
    /// Failures in a row that count. Docker's `FailingStreak`.
    package private(set) var failures = 0
    private let check: Healthcheck
    private let started: Duration
    private var answered = false

    package init(_ check: Healthcheck, startedAt started: Duration) {
        self.check = check
        self.started = started
    }

    /// A run found by a new supervisor goes on where its record says it was.
    package init(
        resuming check: Healthcheck,
        startedAt started: Duration,
        from health: ContainerRecord.Health
    ) {
        self.init(check, startedAt: started)
        self.health = health
        answered = health != .starting
        failures = health == .unhealthy ? check.retries : 0
    }

    /// Delay before the first probe of a run.
    package var firstDelay: Duration { delay(at: started) }

    /// Takes the answer of a probe and gives the delay before the next.
    package mutating func finished(succeeded: Bool, at now: Duration) -> Duration {
        if succeeded {
            answered = true
            failures = 0
            health = .healthy
        } else if !isInStartPeriod(now) {
            failures += 1
            if failures >= max(check.retries, 1) { health = .unhealthy }
        }
        return delay(at: now)
    }

    private func delay(at now: Duration) -> Duration {
        isInStartPeriod(now) ? check.startInterval : check.interval
    }

    private func isInStartPeriod(_ now: Duration) -> Bool {
        !answered && now < started + check.startPeriod
    }
}
