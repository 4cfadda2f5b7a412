import CLinux
import Glibc

/// Files without a name, in memory.
package enum Memfd {
    private static let allSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE

    /// A file of these bytes that nobody can change any more, positioned at its start.
    package static func sealed(_ bytes: [UInt8], name: String) throws(SyscallError) -> OwnedFD {
        let fd = try create(name, flags: UInt32(MFD_CLOEXEC | MFD_ALLOW_SEALING))
        try fd.writeAll(bytes)
        try seal(fd)
        return fd
    }

    /// An empty file.
    package static func empty(_ name: String) throws(SyscallError) -> OwnedFD {
        try create(name, flags: UInt32(MFD_CLOEXEC))
    }

    /// A sealed copy of a program, to execute as `/proc/self/fd/N`: what a container does to the
    /// file behind its `/proc/<pid>/exe` then reaches nothing of the host (CVE-2019-5736).
    package static func sealedProgram(
        copying program: borrowing OwnedFD,
        name: String
    ) throws(SyscallError) -> OwnedFD {
        let fd = try createExecutable(name)
        var offset = off_t(0)
        while true {
            let count = try program.with { source throws(SyscallError) in
                try fd.with { target throws(SyscallError) in
                    try syscall("sendfile", on: name) { sendfile(target, source, &offset, 1 << 20) }
                }
            }
            if count == 0 { break }
        }
        try fd.with { number throws(SyscallError) in
            _ = try syscall("fchmod", on: name) { fchmod(number, 0o555) }
        }
        do throws(SyscallError) {
            try seal(fd, BERTH_F_SEAL_EXEC)
        } catch  where error.errno == EINVAL {
            // Before Linux 6.3 the execute bits cannot be sealed.
            try seal(fd)
        }
        return fd
    }

    private static func createExecutable(_ name: String) throws(SyscallError) -> OwnedFD {
        let flags = UInt32(MFD_CLOEXEC | MFD_ALLOW_SEALING)
        do throws(SyscallError) {
            return try create(name, flags: flags | BERTH_MFD_EXEC)
        } catch  where error.errno == EINVAL {
            // Before Linux 6.3 every memfd is executable.
            return try create(name, flags: flags)
        }
    }

    static func create(_ name: String, flags: UInt32) throws(SyscallError) -> OwnedFD {
        OwnedFD(taking: try syscall("memfd_create", on: name) { berth_memfd_create(name, flags) })
    }

    private static func seal(
        _ fd: borrowing OwnedFD,
        _ more: CInt = 0
    ) throws(SyscallError) {
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("lseek", on: "memfd") { lseek(fd, 0, SEEK_SET) }
            try repeating { () throws(SyscallError) in
                try addSeals(CInt(allSeals) | more, to: fd)
            }
        }
    }

    static func addSeals(_ seals: CInt, to number: CInt) throws(SyscallError) {
        _ = try syscall("fcntl", on: "F_ADD_SEALS") { berth_fcntl(number, F_ADD_SEALS, seals) }
    }

    /// Tries again while somebody holds the pages (EBUSY). Under load that is the kernel itself, for
    /// those that were just written: it has waited a sixth of a second before it says so.
    static func repeating(
        tries: Int = 10,
        _ sealing: () throws(SyscallError) -> Void
    ) throws(SyscallError) {
        for _ in 1..<tries {
            do throws(SyscallError) { return try sealing() } catch  where error.errno == EBUSY {}
        }
        try sealing()
    }
}
