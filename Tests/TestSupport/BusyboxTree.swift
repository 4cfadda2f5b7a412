import Glibc
import Linux
package import SystemPackage

/// Makes the files of an image: the machine's static busybox with a link for each applet, and `/tmp`.
package func makeBusyboxTree(at path: FilePath, applets: [String]) throws {
    let bin = path.appending("bin")
    let tmp = path.appending("tmp")
    try makeDirectories(bin, mode: 0o755)
    try makeDirectories(tmp)
    // Whatever the umask.
    for (folder, mode) in [(path, 0o755), (tmp, 0o1777)] as [(FilePath, mode_t)] {
        if chmod(folder.string, mode) != 0 {
            throw SyscallError(call: "chmod", subject: folder.string, errno: errno)
        }
    }
    let program = try readFile("/bin/busybox", limit: 16 << 20)
    try atomicWrite(program, to: bin.appending("busybox"), mode: 0o755, synced: false)
    for applet in applets where symlink("busybox", bin.appending(applet).string) != 0 {
        throw SyscallError(call: "symlink", subject: applet, errno: errno)
    }
}
