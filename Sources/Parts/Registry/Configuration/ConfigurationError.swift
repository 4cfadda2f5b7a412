/// A file or a setting about registries that cannot be used: which, why, and what to do.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A path, or the name of a variable.
    package var subject: String
    package var reason: String

    package init(_ subject: String, _ reason: String) {
        self.subject = subject
        self.reason = reason
    }

    package var description: String { "\(subject): \(reason)" }
}
