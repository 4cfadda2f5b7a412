import CLinux
import Glibc
import Linux

/// The names in a directory, by descriptor. Names are bytes: they need not be UTF-8.
enum DirectoryListing {
    static func names(in folder: SharedFD) throws(SyscallError) -> [[CChar]] {
        // fdopendir takes over the descriptor and its position.
        let own = try folder.with { fd throws(SyscallError) in
            try syscall("open", on: "directory") {
                openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }
        }
        guard let stream = fdopendir(own) else {
            let code = errno
            _ = close(own)
            throw SyscallError(call: "fdopendir", subject: "", errno: code)
        }
        defer { _ = closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            names.append(name)
        }
        return names
    }
}
