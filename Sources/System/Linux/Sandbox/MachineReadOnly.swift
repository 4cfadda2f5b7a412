import CLinux
import Glibc
package import SystemPackage

/// For programs that are started to work in one folder of ours, with input that is not trusted:
/// they see this machine and can change nothing of it but that folder.
package enum MachineReadOnly {
    /// On a thread of its own, which ends with the call: everything that is mounted becomes
    /// read-only, but for the folder. What the program mounts goes with it. The thread's umask is
    /// its own from then on (unshare(2), CLONE_NEWNS implies CLONE_FS).
    package static func enterThread(but folder: FilePath) throws(SyscallError) {
        _ = try syscall("unshare", on: "mount namespace") { berth_unshare(CLONE_NEWNS) }
        _ = try syscall("mount", on: "/") {
            mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
        }
        let own = try Mount.clone(folder, recursive: false)
        let readOnly: UInt64 = 0x01
        try Mount.setAttributes(try openFile("/", O_PATH | O_DIRECTORY), set: readOnly)
        try Mount.attach(own, to: folder)
    }
}
