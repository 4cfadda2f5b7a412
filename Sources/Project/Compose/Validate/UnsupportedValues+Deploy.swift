import OrderedCollections

/// When containers are started again, and images fetched again.
extension UnsupportedValues {
    func checkDeploy(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        let policy = service["deploy"]?["restart_policy"]
        if let attempts = policy?["max_attempts"], attempts.int.map({ $0 > 0 }) == true,
            let condition = policy?["condition"]?.string, !condition.isEmpty,
            condition != "on-failure"
        {
            diagnostics.problem(
                "maximum retry count can only be used with 'on-failure'",
                at: attempts.keyMark,
                hint: "write \"condition: on-failure\", or remove it",
                path: "\(path).deploy.restart_policy.max_attempts"
            )
        }
        let refreshAfter = service["pull_refresh_after"]
        if let pull = service["pull_policy"], let text = pull.string,
            PullPolicy(text) == .refresh(every: nil), refreshAfter == nil
        {
            diagnostics.problem(
                "\"refresh\" needs the age after which the image is pulled again",
                at: pull.mark,
                hint: "add \"pull_refresh_after: 24h\", or write every_24h",
                path: "\(path).pull_policy"
            )
        }
    }
}
