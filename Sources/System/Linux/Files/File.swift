import CLinux
import Glibc
package import SystemPackage

/// Opens a path of ours, close-on-exec. Not for paths that an image or a container can shape: those
/// go through `Root`.
package func openFile(
    _ path: FilePath,
    _ flags: CInt,
    mode: UInt32 = 0
) throws(SyscallError) -> OwnedFD {
    let fd = try syscall("open", on: path.string) {
        path.withPlatformString { berth_open($0, flags | O_CLOEXEC, mode) }
    }
    return OwnedFD(taking: fd)
}

/// The bytes of a file of ours; EFBIG when there are more than `limit`.
package func readFile(_ path: FilePath, limit: Int) throws(SyscallError) -> [UInt8] {
    let fd = try openFile(path, O_RDONLY)
    return try fd.readToEnd(limit: limit, subject: path.string)
}

/// Puts a file in place so that a reader, or a crash, sees the old content or the new, whole.
///
/// With `synced` the content is on disk before its name is, and both when this returns.
package func atomicWrite(
    _ bytes: [UInt8],
    to path: FilePath,
    mode: UInt32 = 0o600,
    synced: Bool = true
) throws(SyscallError) {
    let folder = path.removingLastComponent()
    let directory = try openFile(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY)
    let name = path.lastComponent?.string ?? ""
    let temporary = ".\(name).\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
    try directory.with { directory throws(SyscallError) in
        do throws(SyscallError) {
            let file = OwnedFD(
                taking: try syscall("open", on: "\(folder)/\(temporary)") {
                    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
                    return berth_openat(directory, temporary, flags, mode)
                }
            )
            try file.with { file throws(SyscallError) in
                // The mode given to open is cut by the umask.
                _ = try syscall("fchmod", on: path.string) { fchmod(file, mode) }
                try writeBytes(file, bytes, subject: path.string)
                if synced { _ = try syscall("fsync", on: path.string) { fsync(file) } }
            }
            _ = try syscall("rename", on: path.string) {
                renameat(directory, temporary, directory, name)
            }
        } catch {
            unlinkat(directory, temporary, 0)
            throw error
        }
        if synced { _ = try syscall("fsync", on: folder.string) { fsync(directory) } }
    }
}

/// Makes a folder of ours and its missing parents; existing ones keep their mode.
package func makeDirectories(_ path: FilePath, mode: UInt32 = 0o700) throws(SyscallError) {
    do throws(SyscallError) {
        _ = try syscall("mkdir", on: path.string) { path.withPlatformString { mkdir($0, mode) } }
    } catch  where error.errno == EEXIST {
        var status = stat()
        let isDirectory = path.withPlatformString { stat($0, &status) == 0 }
        guard isDirectory, status.st_mode & S_IFMT == S_IFDIR else {
            throw SyscallError(call: "mkdir", subject: path.string, errno: ENOTDIR)
        }
    } catch  where error.errno == ENOENT {
        let parent = path.removingLastComponent()
        guard !parent.isEmpty, parent != path else { throw error }
        try makeDirectories(parent, mode: mode)
        try makeDirectories(path, mode: mode)
    }
}
