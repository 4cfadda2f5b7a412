/// A container that could not be made, started or reached: `web: cannot exec /app: permission
/// denied`.
package struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The container's name.
    package var container: String
    /// What could not be done and why.
    package var message: String
    /// What the user can do about it.
    package var hint: String?
    /// Docker's code for it: 127 program not found, 126 not executable, 125 everything else.
    package var exitCode: Int32 = 125

    package init(container: String, message: String, hint: String? = nil, exitCode: Int32 = 125) {
        self.container = container
        self.message = message
        self.hint = hint
        self.exitCode = exitCode
    }

    package var description: String {
        let text = container.isEmpty ? message : "\(container): \(message)"
        return hint.map { "\(text); \($0)" } ?? text
    }
}
