package import ContainerRuntime
import Glibc
import Linux
package import SystemPackage

/// Keeps a keeper from dropping log files before a follower has opened the first one.
///
/// A lock (flock(2), shared) on the folder of the log; on a log file, it says that its reader has not
/// come to what follows. The keeper asks for the locks when a rotation would drop a file, and
/// lets its log grow meanwhile, by 16 MiB at most (`LogFile` of the keeper).
package final class LogHold: Sendable {
    private let folder: OwnedFD

    /// nil when the log has no folder.
    package init?(on folder: FilePath) {
        // `try?`: without the lock a follower may lack lines, and nothing else happens.
        guard let fd = try? openFile(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
            (try? Self.lock(fd, folder)) != nil
        else { return nil }
        self.folder = fd
    }

    /// Lets go after a while in which followers that were told of the log have opened it.
    package func end(after delay: Duration) {
        // Ends by itself; a supervisor that ends earlier lets go as well.
        Task {
            // `try?`: nobody cancels it.
            try? await Task.sleep(for: delay)
            withExtendedLifetime(self) {}
        }
    }

    /// Waits for the keeper at most while that looks for locks.
    static func lock(_ fd: borrowing OwnedFD, _ path: FilePath) throws(SyscallError) {
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("flock", on: path.string) { flock(fd, LOCK_SH) }
        }
    }
}

extension Engine {
    /// Keeps all that a container writes at its start for those who follow its log.
    package func holdLog(of id: ContainerID) -> LogHold? {
        LogHold(on: layout.container(id.text).appending("log"))
    }
}
