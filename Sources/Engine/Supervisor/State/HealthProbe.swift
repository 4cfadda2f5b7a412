package import ContainerRuntime
package import Engine

/// The state of one run's health check: says when to ask next and what the answers mean. No I/O, no
/// clock; times are readings of one monotonic clock. compose-spec `healthcheck`, with Docker's rules:
/// failures during the start period do not count, its first success ends it.
///
/// Before the first probe that Docker would make there are early ones, at once and then after 100,
/// 200, 400 ms …, of which only a success counts: who waits for a container to become healthy is
/// not kept waiting for a whole interval.
package struct HealthProbe: Equatable, Sendable {
    package private(set) var health = ContainerRecord.Health.starting
    /// Failures in a row that count. Docker's `FailingStreak`.
    package private(set) var failures = 0
    private let check: Healthcheck
    private let started: Duration
    private var answered = false
    private var early: Duration? = .milliseconds(100)

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
        early = nil
        failures = health == .unhealthy ? check.retries : 0
    }

    /// Delay before the first probe of a run.
    package var firstDelay: Duration { early == nil ? regularDelay(at: started) : .zero }

    /// Takes the answer of a probe and gives the delay before the next.
    package mutating func finished(succeeded: Bool, at now: Duration) -> Duration {
        let wasEarly = early != nil && now < firstRegularProbe
        let wasInStartPeriod = isInStartPeriod(now)
        if succeeded {
            answered = true
            early = nil
            failures = 0
            health = .healthy
        } else if !wasEarly && !wasInStartPeriod {
            failures += 1
            if failures >= max(check.retries, 1) { health = .unhealthy }
        }
        return nextDelay(at: now)
    }

    private mutating func nextDelay(at now: Duration) -> Duration {
        if let delay = early {
            let left = firstRegularProbe - now
            if left > .zero {
                early = delay * 2
                return min(delay, left)
            }
            early = nil
        }
        return regularDelay(at: now)
    }

    private var firstRegularProbe: Duration {
        started + (check.startPeriod > .zero ? check.startInterval : check.interval)
    }

    private func regularDelay(at now: Duration) -> Duration {
        isInStartPeriod(now) ? check.startInterval : check.interval
    }

    private func isInStartPeriod(_ now: Duration) -> Bool {
        !answered && now < started + check.startPeriod
    }
}
