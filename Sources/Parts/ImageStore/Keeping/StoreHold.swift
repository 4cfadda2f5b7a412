import Glibc
import Linux
import SystemPackage

extension ImageStore {
    /// Keeps garbage collection away until the hold ends: taken before the first blob of an image
    /// arrives and kept until a record of the image names them. Waits while a collection runs.
    ///
    /// What commands that were killed left goes first, unless somebody else is at work.
    package func hold() async throws -> StoreHold {
        try await onOwnThread { () throws(SyscallError) -> StoreHold in
            // What cannot go now stays for recovery, which says why.
            _ = try? removeRemains()
            return try StoreHold(self)
        }
    }
}

/// A shared lock on the store, held until the object ends or the process dies.
package final class StoreHold: Sendable {
    private let fd: OwnedFD

    /// Waits, blocking, while a collection runs.
    convenience init(_ store: ImageStore) throws(SyscallError) {
        try self.init(store.storeLock, LOCK_SH)
    }

    init(_ path: FilePath, _ operation: CInt) throws(SyscallError) {
        fd = try openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("flock", on: path.string) { flock(fd, operation) }
        }
    }
}
