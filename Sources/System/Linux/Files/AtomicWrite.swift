import CLinux
import Glibc
package import SystemPackage

/// Puts a file in place so that a reader, or a crash, sees the old content or the new, whole.
///
/// With `synced` the content is on disk before its name is, and both when this returns. A writer
/// that is killed leaves a temporary file, which `removeAbandonedWrites` finds.
package func atomicWrite(
    _ bytes: [UInt8],
    to path: FilePath,
    mode: UInt32 = 0o600,
    synced: Bool = true
) throws(SyscallError) {
    let folder = path.removingLastComponent()
    let directory = try openFile(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY)
    let name = path.lastComponent?.string ?? ""
    try directory.with { directory throws(SyscallError) in
        let (file, temporary) = try makeTemporary(for: name, in: directory, of: folder, mode)
        do throws(SyscallError) {
            try file.with { file throws(SyscallError) in
                // The mode given to open is cut by the umask.
                _ = try syscall("fchmod", on: path.string) { fchmod(file, mode) }
                try writeBytes(file, bytes, subject: path.string)
                if synced { _ = try syscall("fsync", on: path.string) { fsync(file) } }
            }
            CrashPoint.fileWritten.pass()
            // Until the file is in place, its lock says that somebody is at work.
            try withExtendedLifetime(file) { () throws(SyscallError) in
                _ = try syscall("rename", on: path.string) {
                    renameat(directory, temporary, directory, name)
                }
            }
            CrashPoint.filePlaced.pass()
        } catch {
            unlinkat(directory, temporary, 0)
            throw error
        }
        if synced { _ = try syscall("fsync", on: folder.string) { fsync(directory) } }
    }
}

/// Makes a temporary file beside `name`, and locks it for as long as it is open.
private func makeTemporary(
    for name: String,
    in directory: CInt,
    of folder: FilePath,
    _ mode: UInt32
) throws(SyscallError) -> (SharedFD, String) {
    while true {
        let temporary = ".\(name).\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
        let file = OwnedFD(
            taking: try syscall("open", on: "\(folder)/\(temporary)") {
                let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
                return berth_openat(directory, temporary, flags, mode)
            }
        )
        // Who cleans up may have found it before the lock.
        if file.lockIfFree() != false, try file.status().st_nlink > 0 {
            return (SharedFD(file), temporary)
        }
        unlinkat(directory, temporary, 0)
    }
}

/// The temporary files in a folder whose writers were killed; none in one that is not there.
package func abandonedWrites(in folder: FilePath) throws(SyscallError) -> [FilePath] {
    try findAbandonedWrites(in: folder) { _, _ in true }
}

/// Removes the temporary files whose writers were killed; gives their paths.
package func removeAbandonedWrites(in folder: FilePath) throws(SyscallError) -> [FilePath] {
    try findAbandonedWrites(in: folder) { unlinkat($0, $1, 0) == 0 }
}

/// Calls `body` with each while its lock is ours, and gives those for which it is true.
private func findAbandonedWrites(
    in folder: FilePath,
    _ body: (CInt, String) -> Bool
) throws(SyscallError) -> [FilePath] {
    let directory: OwnedFD
    do throws(SyscallError) {
        directory = try openFile(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
        return []
    }
    let names = try directory.entryNames(subject: folder.string).map(\.string)
    return directory.with { directory in
        names.filter { name in
            guard name.hasPrefix("."), name.hasSuffix(".tmp") else { return false }
            let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
            let number = berth_openat(directory, name, flags, 0)
            guard number >= 0 else { return false }
            let file = OwnedFD(taking: number)
            // A lock that is refused is its writer's; one that the file system does not know is no
            // reason to take anything away.
            guard file.lockIfFree() == true else { return false }
            // Its writer may have put it in place meanwhile.
            return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
                && body(directory, name)
        }.map { folder.appending($0) }
    }
}

extension OwnedFD {
    /// Takes the lock on an open file. False when somebody else has it, nil when there are no locks
    /// on its file system.
    fileprivate borrowing func lockIfFree() -> Bool? {
        with { fd in
            while true {
                if flock(fd, LOCK_EX | LOCK_NB) == 0 { return true }
                switch errno {
                case EINTR: continue
                case EWOULDBLOCK: return false
                default: return nil
                }
            }
        }
    }
}
