/// Why a project cannot be made true: every problem found before anything was touched, or the first
/// cause of a walk that did not get through.
package struct ReconcilerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In the order of the file; never empty.
    package var problems: [Problem]

    /// One reason, in words that name the service, network or volume.
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// `service "web"`.
        package var subject: String
        package var reason: String
        /// What the user can do; nil where the reason says it.
        package var remedy: String?
        /// Where the file says it: `services.web.ports[0]`; nil for what has no one place.
        package var path: String?
        /// The container whose end or health it is; nil for what has none.
        package var container: String?
        /// What the program itself said, where that may be the reason.
        package var excerpt = Excerpt()
        /// What its log ends with, where the excerpt is of something else: of its health check.
        package var log = Excerpt()

        /// `path` is where the file says it, if it does.
        package init(
            _ subject: String,
            _ reason: String,
            remedy: String? = nil,
            at path: String? = nil
        ) {
            self.subject = subject
            self.reason = reason
            self.remedy = remedy
            self.path = path
        }

        package var description: String {
            let start = subject.isEmpty ? reason : "\(subject): \(reason)"
            let first = remedy.map { "\(start); \($0)" } ?? start
            var lines = [first] + excerpt.lines.map { "    \($0)" }
            if !log.lines.isEmpty {
                lines += ["  its log ends with:"] + log.lines.map { "    \($0)" }
            }
            return lines.joined(separator: "\n")
        }
    }

    package init(_ problems: [Problem]) { self.problems = problems }

    /// `path` is where the file says it, if it does.
    package init(
        _ subject: String,
        _ reason: String,
        remedy: String? = nil,
        at path: String? = nil
    ) {
        self.init([Problem(subject, reason, remedy: remedy, at: path)])
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
