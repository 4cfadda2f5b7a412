import Glibc
import SystemPackage

/// What the kernel says of a process in `/proc/<pid>/stat`; the fields and their numbers are those
/// of proc_pid_stat(5).
package struct ProcessStat: Sendable {
    /// From field 3 on.
    private let fields: [String]
    private let path: FilePath

    /// ENOENT or ESRCH when the process is gone.
    package init(of pid: Int32) throws(SyscallError) {
        path = FilePath("/proc/\(pid)/stat")
        let bytes = try readFile(path, limit: 64 << 10)
        // Field 2 is the name in parentheses and may hold anything, parentheses too.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else {
            throw SyscallError(call: "read", subject: path.string, errno: EINVAL)
        }
        fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// `T` for one that a signal stopped, `t` for one that a debugger did, …
    package func state() throws(SyscallError) -> String { try field(3) }

    /// The pid of the parent, field 4 of proc_pid_stat(5).
    package func parent() throws(SyscallError) -> Int32 { try number(4) }

    /// When it started, in clock ticks after boot.
    package func startTime() throws(SyscallError) -> UInt64 { try number(22) }

    /// The terminal that it is controlled by, as a device number; 0 without one.
    package func terminal() throws(SyscallError) -> UInt32 {
        UInt32(bitPattern: try number(7) as Int32)
    }

    /// Clock ticks that it has computed for, in its own code and in the kernel's.
    package func computedTicks() throws(SyscallError) -> UInt64 {
        try (number(14) as UInt64) + (number(15) as UInt64)
    }

    /// How many threads it has.
    package func threads() throws(SyscallError) -> Int { try number(20) }

    /// Bytes that it can address, and pages of memory that it has.
    package func memory() throws(SyscallError) -> (virtualBytes: UInt64, residentPages: UInt64) {
        (try number(23), try number(24))
    }

    /// Its nice value.
    package func nice() throws(SyscallError) -> Int { try number(19) }

    /// Whether it has begun to end: PF_EXITING of the kernel's `sched.h`.
    package func isExiting() throws(SyscallError) -> Bool { try number(9) & UInt32(0x4) != 0 }

    private func number<Number: FixedWidthInteger>(_ field: Int) throws(SyscallError) -> Number {
        guard let number = Number(try self.field(field)) else { throw malformed }
        return number
    }

    private func field(_ number: Int) throws(SyscallError) -> String {
        guard fields.indices.contains(number - 3) else { throw malformed }
        return fields[number - 3]
    }

    private var malformed: SyscallError {
        SyscallError(call: "read", subject: path.string, errno: EINVAL)
    }
}
