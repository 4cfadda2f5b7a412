import CLinux
import Glibc

/// xattr(7) of open files; never by path.
extension SharedFD {
    /// The names of the attributes; none where the file system has no such thing.
    package func extendedAttributeNames(subject: String) throws(SyscallError) -> [String] {
        do throws(SyscallError) {
            return try valueOfUnknownSize("listxattr", on: subject) { flistxattr($0, $1, $2) }
                .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        } catch  where error.errno == ENOTSUP {
            return []
        }
    }

    /// The value of one attribute.
    package func extendedAttribute(
        _ name: String,
        subject: String
    ) throws(SyscallError) -> [UInt8] {
        try valueOfUnknownSize("getxattr \(name)", on: subject) { fgetxattr($0, name, $1, $2) }
    }

    /// Sets an attribute, new or old.
    package func setExtendedAttribute(
        _ name: String,
        to value: [UInt8],
        subject: String
    ) throws(SyscallError) {
        try with { fd throws(SyscallError) in
            _ = try syscall("setxattr \(name)", on: subject) {
                fsetxattr(fd, name, value, value.count, 0)
            }
        }
    }

    /// Asks for the size, then for the value.
    private func valueOfUnknownSize(
        _ call: String,
        on subject: String,
        _ body: (CInt, UnsafeMutablePointer<CChar>?, Int) -> Int
    ) throws(SyscallError) -> [UInt8] {
        try with { fd throws(SyscallError) in
            let size = try syscall(call, on: subject) { body(fd, nil, 0) }
            guard size > 0 else { return [] }
            var buffer = [CChar](repeating: 0, count: size)
            let count = try syscall(call, on: subject) { body(fd, &buffer, size) }
            return buffer[..<count].map { UInt8(bitPattern: $0) }
        }
    }

    /// Puts everything on disk that was written to the file system the file is on, syncfs(2).
    package func syncFileSystem(subject: String) throws(SyscallError) {
        try with { fd throws(SyscallError) in
            _ = try syscall("syncfs", on: subject) { berth_syncfs(fd) }
        }
    }
}

/// The two numbers of a device node.
package struct DeviceNumber: Hashable, Sendable {
    package var major: UInt32
    package var minor: UInt32

    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Takes the kernel's packed form, `st_rdev`.
    package init(packed: UInt) {
        self.init(major: berth_major(packed), minor: berth_minor(packed))
    }

    /// The kernel's form.
    package var packed: UInt { berth_makedev(major, minor) }
}
