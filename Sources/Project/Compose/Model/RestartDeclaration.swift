/// compose-spec `restart`.
package enum RestartDeclaration: Hashable, Codable, Sendable {
    case no
    case always
    /// nil is without end.
    case onFailure(maximumRetries: Int?)
    case unlessStopped

    /// Reads `no`, `always`, `on-failure[:N]` or `unless-stopped`; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "no": self = .no
        case "always": self = .always
        case "unless-stopped": self = .unlessStopped
        case "on-failure": self = .onFailure(maximumRetries: nil)
        default:
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "on-failure", let count = UInt32(parts[1]) else {
                return nil
            }
            // Docker: zero retries is without end.
            self = .onFailure(maximumRetries: count == 0 ? nil : Int(count))
        }
    }

    /// Reads `deploy.restart_policy.condition`: a word of its own or one of `restart`.
    package init?(condition: String, maximumRetries: Int?) {
        switch condition {
        case "none": self = .no
        case "any": self = .always
        // As above.
        case "on-failure":
            self = .onFailure(maximumRetries: maximumRetries == 0 ? nil : maximumRetries)
        default: self.init(condition)
        }
    }

    /// What was likely meant by a text that is none.
    static func hint(_ text: String) -> String {
        if text.hasPrefix("on-failure:") { return "a whole number of times: on-failure:3" }
        switch text.lowercased() {
        case "off", "false", "never", "none", "n", "0": return "write \"no\""
        case "on", "true", "yes", "y", "1": return "write always"
        default:
            return suggestion(for: text, among: ["no", "always", "on-failure", "unless-stopped"])
                ?? "no, always, on-failure[:N] or unless-stopped"
        }
    }
}
