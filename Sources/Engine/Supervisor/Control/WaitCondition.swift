package import Engine

/// What somebody waits for of a container: `depends_on`, `up --wait`, the log of an attached `up`.
/// One vocabulary for plans, for the supervisor and for what travels between them.
package enum WaitCondition: String, Codable, Hashable, Sendable {
    case running
    case healthy
    /// Healthy where there is a health check, else running, and not only for a moment; a container
    /// that has done its work and ended with 0 is ready, too.
    case ready
    /// The present run ended, also when another will follow.
    case exited
    /// Nothing runs and nothing will by itself: what waits for a job to complete asks for this.
    case gone
}

/// How a wait ended.
package enum WaitOutcome: Codable, Hashable, Sendable {
    case met
    /// With the newest answer of the check that was a failure.
    case unhealthy(ProbeResult?)
    /// It ended, and nothing will start it again unless `exited` was asked for.
    case exited(code: Int32)
    /// Ended so many times in a row that the wait is given up; its restart policy goes on.
    case exitedAgain(code: Int32, times: Int)
    /// `healthy` was asked of a container without a health check.
    case noHealthcheck

    /// Whether a dependent may go on, or `--wait` is content.
    package func satisfies(_ condition: WaitCondition) -> Bool {
        switch (condition, self) {
        case (_, .met), (.exited, .exited), (.gone, .exited(code: 0)), (.ready, .exited(code: 0)):
            true
        default: false
        }
    }
}

/// Where a container is in its life, as far as others may rely on it.
package enum ContainerPhase: Hashable, Sendable {
    /// It never ran.
    case created
    case starting
    case running
    /// It still runs, but its end has been asked for, and comes also when the asking command is gone.
    case stopping
    /// Ended, and its restart policy will start it again.
    case restarting(code: Int32)
    /// Ended, and nothing will start it again by itself.
    case exited(code: Int32)
}

extension ContainerLife.State {
    /// The same without what only the supervisor has to know.
    var phase: ContainerPhase {
        switch self {
        case .idle(code: nil): .created
        case .idle(let code?): .exited(code: code)
        case .starting: .starting
        case .running: .running
        case .stopping: .stopping
        case .waiting(let code): .restarting(code: code)
        }
    }
}

/// What else a wait is judged by. A supervisor knows all of it, a record only the health.
package struct WaitEvidence: Sendable {
    package var hasHealthcheck = false
    package var health: ContainerRecord.Health?
    /// It has run for so long that it is not taken for a program that ends at once.
    package var isSettled = false
    /// How often it ended before it ran for long, since it did or since somebody asked for it.
    package var endsInARow = 0
    /// The newest answer of the health check that was a failure.
    package var failedProbe: ProbeResult?

    package init() {}
}

extension WaitCondition {
    /// So many short runs in a row are a failure for a wait until `ready` or `healthy`. With the
    /// delays between them that is a quarter of a minute, enough for what waits for its database.
    package static let hopelessAfter = 8

    /// How a wait for this ends, given what is known of the container; nil while that is open.
    package func outcome(in phase: ContainerPhase, by evidence: WaitEvidence) -> WaitOutcome? {
        switch (self, phase) {
        case (.exited, .restarting(let code)): .exited(code: code)
        case (_, .exited(let code)): .exited(code: code)
        case (.gone, _), (.exited, _): nil
        case (.running, .running): .met
        case (.healthy, .running), (.ready, .running): outcome(whileRunning: evidence)
        case (.healthy, .restarting(let code)), (.ready, .restarting(let code)):
            evidence.endsInARow < Self.hopelessAfter
                ? nil : .exitedAgain(code: code, times: evidence.endsInARow)
        case (_, .created), (_, .starting), (_, .stopping), (_, .restarting): nil
        }
    }

    /// Of `healthy` and `ready`.
    private func outcome(whileRunning evidence: WaitEvidence) -> WaitOutcome? {
        guard evidence.hasHealthcheck else {
            if self == .healthy { return .noHealthcheck }
            return evidence.isSettled ? .met : nil
        }
        return switch evidence.health {
        case .healthy: .met
        case .unhealthy: .unhealthy(evidence.failedProbe)
        case .starting, nil: nil
        }
    }
}
