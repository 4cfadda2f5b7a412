import TextForms

/// A container that could not be made, started or reached: `web: cannot exec /app: permission
/// denied`.
package struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The container's name.
    package var container: String
    /// What could not be done and why.
    package var message: String
    /// What the user can do about it.
    package var hint: String?
    /// Docker's code where a program could not be started: 127 not found, 126 not executable, 255
    /// not understood by the kernel, 128 everything else. nil: it never came to that.
    package var exitCode: Int32?

    package init(
        container: String,
        message: String,
        hint: String? = nil,
        exitCode: Int32? = nil
    ) {
        self.container = container
        self.message = message
        self.hint = hint
        self.exitCode = exitCode
    }

    package var description: String {
        let text = container.isEmpty ? message : "\(container): \(message)"
        // Names of programs and files come from images.
        return VisibleText.escaped(hint.map { "\(text); \($0)" } ?? text)
    }
}
