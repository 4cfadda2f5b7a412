import Glibc
package import Linux

/// What could not be done to the network, why, and what to do about it.
package struct NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was attempted, after "cannot": `create bridge bth0123 for network shop_default`.
    package var action: String
    package var reason: String
    /// The kernel's number; nil when the refusal is ours.
    package var errno: CInt?
    /// What the user can do.
    package var hint: String?

    package init(action: String, reason: String, errno: CInt? = nil, hint: String? = nil) {
        self.action = action
        self.reason = reason
        self.errno = errno
        self.hint = hint
    }

    /// The same failure of a system call, said with a noun the user knows.
    package init(action: String, _ error: SyscallError, hint: String? = nil) {
        self.init(action: action, reason: error.description, errno: error.errno, hint: hint)
    }

    /// There is no link of that name.
    var isMissingLink: Bool { errno == ENODEV }

    package var description: String {
        "cannot \(action): \(reason)" + (hint.map { "; \($0)" } ?? "")
    }
}
