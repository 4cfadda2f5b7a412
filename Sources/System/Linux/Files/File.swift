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

/// The same; nil where there is no such file.
package func readFileIfThere(_ path: FilePath, limit: Int) throws(SyscallError) -> [UInt8]? {
    do throws(SyscallError) {
        return try readFile(path, limit: limit)
    } catch {
        guard error.errno == ENOENT else { throw error }
        return nil
    }
}

/// Makes a folder of ours and its missing parents; existing ones keep their mode.
package func makeDirectories(_ path: FilePath, mode: UInt32 = 0o700) throws(SyscallError) {
    do throws(SyscallError) {
        _ = try syscall("mkdir", on: path.string) { path.withPlatformString { mkdir($0, mode) } }
        CrashPoint.folderMade.pass()
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
