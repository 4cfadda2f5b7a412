package import Engine
import GoTemplate

/// What a container's health check answered, as `inspect` shows it below `State.Health`.
package struct HealthHistory {
    /// One answer.
    package struct Probe {
        /// When it was asked.
        package var started: Timestamp
        /// When it had answered, or was given up.
        package var ended: Timestamp
        /// -1 is one that took too long or could not be started.
        package var exitCode: Int32
        /// What it wrote, both streams.
        package var output: String

        /// Takes an answer.
        package init(started: Timestamp, ended: Timestamp, exitCode: Int32, output: String) {
            self.started = started
            self.ended = ended
            self.exitCode = exitCode
            self.output = output
        }
    }

    /// At the last answer.
    private let status: ContainerRecord.Health
    private let failingStreak: Int
    private let probes: [Probe]

    /// `failingStreak` counts the failures in a row that count; the newest of `probes` is the last.
    package init(status: ContainerRecord.Health, failingStreak: Int, probes: [Probe]) {
        self.status = status
        self.failingStreak = failingStreak
        self.probes = probes
    }

    /// The member of a container that is, or was, at `current`; nil for one without a health check, or
    /// that was never started. What was answered stays when it ends, and the answers when it starts
    /// again, as in docker.
    static func value(_ history: HealthHistory?, current: ContainerRecord.Health?) -> GoValue? {
        guard let status = current ?? history?.status else { return nil }
        let hasBegunAnew = status == .starting && history?.status != .starting
        let probes = history?.probes ?? []
        return .object([
            ("Status", .string(status.rawValue)),
            ("FailingStreak", .integer(hasBegunAnew ? 0 : Int64(history?.failingStreak ?? 0))),
            ("Log", .list(probes.map(\.value))),
        ])
    }
}

extension HealthHistory.Probe {
    fileprivate var value: GoValue {
        .object([
            ("Start", .string(started.description)), ("End", .string(ended.description)),
            ("ExitCode", .integer(Int64(exitCode))), ("Output", .string(output)),
        ])
    }
}
