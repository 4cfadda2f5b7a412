/// Why a verb of the engine was refused or failed: what was tried, why not, and what to do.
package struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    package var kind: Kind
    /// What was asked for, with its noun: "cannot remove network `shop_default`".
    package var attempt: String
    package var reason: String
    /// What the user can do; nil where the reason says it.
    package var remedy: String?

    /// What a caller may want to tell apart (Docker's API maps these to status codes).
    package enum Kind: Hashable, Sendable {
        /// Nothing of that name.
        case notFound
        /// The name, address or subnet is taken.
        case conflict
        /// Something still uses it.
        case inUse
        /// The request can never work as it is.
        case invalid
        /// The state folder or database: full, foreign, newer, damaged.
        case state
        /// The kernel or a part refused.
        case failed
    }

    package init(
        _ kind: Kind,
        _ attempt: String,
        because reason: String,
        remedy: String? = nil
    ) {
        self.kind = kind
        self.attempt = attempt
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String {
        let start = attempt.isEmpty ? reason : "\(attempt): \(reason)"
        guard let remedy else { return start }
        return "\(start); \(remedy)"
    }
}
