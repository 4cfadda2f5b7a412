/// What docker refuses of a restart policy, in its words: what has no form is its command line's, what
/// does not exist its engine's.
enum RestartWords {
    /// `command` is the one that the policy was given to.
    static func check(_ policy: String, of command: String) throws {
        let parts = policy.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var retries = 0
        if parts.count > 1 {
            // Where docker makes a container, more than the engine's refusals have their own code.
            let code: Int32 = command == "update" ? 1 : 125
            let format = "invalid restart policy format: "
            guard !parts[0].isEmpty else {
                throw Failure(format + "no policy provided before colon", exitCode: code)
            }
            guard let number = parts[1].isEmpty ? 0 : Int(parts[1]) else {
                throw Failure(format + "maximum retry count must be an integer", exitCode: code)
            }
            retries = number
        }
        guard let reason = reason(against: String(parts[0]), retries) else { return }
        throw Failure(engine: "invalid restart policy: \(reason)")
    }

    private static func reason(against name: String, _ retries: Int) -> String? {
        switch name {
        case "on-failure": return retries < 0 ? "maximum retry count cannot be negative" : nil
        case "no", "always", "unless-stopped":
            guard retries != 0 else { return nil }
            return "maximum retry count can only be used with 'on-failure'"
                + (retries < 0 ? " and cannot be negative" : "")
        default:
            return "unknown policy '\(name)'; use one of 'no', 'always', 'on-failure', or "
                + "'unless-stopped'"
        }
    }
}
