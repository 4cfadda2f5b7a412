import CLinux
import Glibc

/// Questions about descriptors that this process was started with.
package enum Descriptors {
    /// Whether both lead to the same terminal, or to the same file.
    package static func leadToSame(_ one: CInt, _ other: CInt) -> Bool {
        identity(one) == identity(other)
    }

    private static func identity(_ number: CInt) -> [UInt64] {
        var device: UInt32 = 0
        // A terminal can be open under several names; the kernel knows which it is.
        if isatty(number) == 1, ioctl(number, deviceRequest, &device) == 0 {
            return [UInt64(device)]
        }
        var file = stat()
        guard fstat(number, &file) == 0 else { return [UInt64(bitPattern: Int64(number)), 0, 0] }
        return [UInt64(file.st_dev), UInt64(file.st_ino)]
    }

    /// TIOCGDEV of ioctl_tty(2), a macro that Swift cannot read.
    private static let deviceRequest: UInt = 0x8004_5432
}
