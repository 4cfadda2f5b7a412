import CLinux
import Glibc

/// Work inside another network namespace. setns(2) changes one thread for good, so each call gets
/// a thread of its own, which ends with it; descriptors opened there can be used from anywhere.
package enum NamespaceThread {
    /// Runs `body` in the network namespace behind `namespace` and gives its result.
    ///
    /// - Throws: `SyscallError` when the namespace cannot be joined, else what `body` throws.
    package static func run<R: Sendable>(
        in namespace: SharedFD,
        _ body: @escaping @Sendable () throws -> R
    ) async throws -> R {
        try await onOwnThread { () throws(any Error) -> R in
            try namespace.with { fd throws(SyscallError) in
                _ = try syscall("setns", on: "network namespace") {
                    berth_setns(fd, CLONE_NEWNET)
                }
            }
            return try body()
        }
    }

    /// Opens the calling process's own network namespace.
    package static func current() throws(SyscallError) -> SharedFD {
        try open("/proc/self/ns/net")
    }

    /// Makes an empty network namespace that lives as long as the descriptor (and what uses it).
    package static func make() async throws -> SharedFD {
        try await onOwnThread { () throws(SyscallError) -> SharedFD in
            _ = try syscall("unshare", on: "network namespace") { berth_unshare(CLONE_NEWNET) }
            return try open("/proc/thread-self/ns/net")
        }
    }

    private static func open(_ path: String) throws(SyscallError) -> SharedFD {
        let fd = try syscall("open", on: path) { Glibc.open(path, O_RDONLY | O_CLOEXEC) }
        return SharedFD(OwnedFD(taking: fd))
    }
}
