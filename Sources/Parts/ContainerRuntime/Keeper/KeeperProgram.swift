import Glibc
import Linux
import Synchronization
import SystemPackage

/// The keeper's executable as a sealed memory file, copied once per process of ours: a container
/// that gets hold of its `/proc/<pid>/exe` can reach nothing of the host (CVE-2019-5736), and all
/// keepers share its pages.
final class KeeperProgram: Sendable {
    private let path: FilePath
    private let copy: Mutex<SharedFD?>

    /// A copy that there is already is used until it cannot be executed.
    init(_ path: FilePath, copy: SharedFD? = nil) {
        self.path = path
        self.copy = Mutex(copy)
    }

    /// Another copy in the place of one that cannot be executed any more: where the kernel does not
    /// seal the mode, a container that reached the copy may have changed it.
    func renewed(insteadOf old: SharedFD) throws(SyscallError) -> SharedFD {
        copy.withLock { copy in if copy === old { copy = nil } }
        return try sealed()
    }

    /// The sealed copy, made at the first call.
    func sealed() throws(SyscallError) -> SharedFD {
        let path = path
        return try copy.withLock { copy throws(SyscallError) in
            if let copy { return copy }
            let file = try openFile(path, O_RDONLY)
            let made = SharedFD(try Memfd.sealedProgram(copying: file, name: "berth-keeper"))
            copy = made
            return made
        }
    }
}
