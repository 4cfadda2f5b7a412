import Glibc

/// A failed system call: which, on what, and the kernel's word for it.
package struct SyscallError: Error, Hashable, Sendable, CustomStringConvertible {
    package var call: String
    /// A path, a name; empty when there is nothing to add.
    package var subject: String
    package var errno: CInt

    package init(call: String, subject: String, errno: CInt) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// The kernel's reason alone, in words.
    package var reason: String { String(cString: strerror(errno)) }

    /// There is no room for more bytes or files.
    package var isFullDisk: Bool { errno == ENOSPC || errno == EDQUOT }

    package var description: String {
        subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }
}

/// Runs a call that returns -1 on failure, again on EINTR, and reads `errno` on the next line.
package func syscall<R: FixedWidthInteger & SignedInteger>(
    _ call: String,
    on subject: @autoclosure () -> String = "",
    _ body: () -> R
) throws(SyscallError) -> R {
    while true {
        let result = body()
        let code = errno
        if result >= 0 { return result }
        if code != EINTR { throw SyscallError(call: call, subject: subject(), errno: code) }
    }
}
