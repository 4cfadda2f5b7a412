import Engine
import GoTemplate

extension HealthLog {
    /// `State.Health` of a container that is, or was, at `current`; nil for one without a health check,
    /// or that was never started. What was answered stays when it ends, and the answers when it starts
    /// again, as in docker.
    static func value(_ log: HealthLog?, current: ContainerRecord.Health?) -> GoValue? {
        guard let status = current ?? log?.status else { return nil }
        let hasBegunAnew = status == .starting && log?.status != .starting
        return .object([
            ("Status", .string(status.rawValue)),
            ("FailingStreak", .integer(hasBegunAnew ? 0 : Int64(log?.failingStreak ?? 0))),
            ("Log", .list((log?.probes ?? []).map(\.value))),
        ])
    }
}

extension ProbeResult {
    fileprivate var value: GoValue {
        .object([
            ("Start", .string(started.description)), ("End", .string(ended.description)),
            ("ExitCode", .integer(Int64(exitCode))), ("Output", .string(output)),
        ])
    }
}
