import CLinux
import Glibc
package import SystemPackage

extension OwnedFD {
    /// Copies the rest of this file to the rest of another. The kernel shares the blocks where the
    /// file system can (copy_file_range(2)), else it copies them without passing them to us.
    package borrowing func copyContents(
        to target: borrowing OwnedFD,
        subject: @autoclosure () -> String = ""
    ) throws(SyscallError) {
        try with { source throws(SyscallError) in
            try target.with { target throws(SyscallError) in
                do throws(SyscallError) {
                    while try syscall(
                        "copy_file_range",
                        on: subject(),
                        { berth_copy_file_range(source, target, 1 << 30) }
                    ) > 0 {}
                } catch  where [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(error.errno) {
                    while true {
                        let bytes = try readBytes(source, upTo: 256 << 10, subject: subject())
                        if bytes.isEmpty { return }
                        try writeBytes(target, bytes, subject: subject())
                    }
                }
            }
        }
    }

    /// The names in this folder but `.` and `..`, sorted by their bytes.
    package borrowing func entryNames(
        subject: @autoclosure () -> String = ""
    ) throws(SyscallError) -> [FilePath.Component] {
        // A duplicate would share its position with this descriptor.
        let stream = try with { fd throws(SyscallError) -> OpaquePointer in
            let number = try syscall("open", on: subject()) {
                berth_openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            }
            guard let stream = fdopendir(number) else {
                let code = errno
                close(number)
                throw SyscallError(call: "opendir", subject: subject(), errno: code)
            }
            return stream
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                if code == 0 { break }
                throw SyscallError(call: "readdir", subject: subject(), errno: code)
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        let sorted = names.sorted { left, right in
            left.lexicographicallyPrecedes(right) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
        }
        return sorted.compactMap { FilePath.Component(platformString: $0) }
    }
}
