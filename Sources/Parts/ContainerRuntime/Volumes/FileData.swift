import CLinux
import Glibc
import Linux

/// The bytes of one file copied to another that is empty.
enum FileData {
    private static let chunk = 1 << 24

    /// Copies everything; what is a hole stays one. A file that says it is empty, as those of the
    /// kernel do, is read to its end.
    static func copy(
        _ source: SharedFD,
        _ target: SharedFD,
        subject: @autoclosure () -> String
    ) throws(SyscallError) {
        var status = stat()
        _ = try source.with { fd throws(SyscallError) in
            try syscall("stat", on: subject()) { fstat(fd, &status) }
        }
        let size = Int64(status.st_size)
        guard size > 0 else { return try copyToEnd(source, target, subject: subject()) }
        try source.with { from throws(SyscallError) in
            try target.with { into throws(SyscallError) in
                try copySegments(from, into, size: size, subject: subject())
                _ = try syscall("ftruncate", on: subject()) { ftruncate(into, off_t(size)) }
            }
        }
    }

    /// Copies what is data of the first `size` bytes.
    private static func copySegments(
        _ from: CInt,
        _ into: CInt,
        size: Int64,
        subject: @autoclosure () -> String
    ) throws(SyscallError) {
        var offset: Int64 = 0
        while offset < size {
            let start = Int64(lseek(from, off_t(offset), SEEK_DATA))
            // ENXIO: what follows is a hole. A file system without holes has data everywhere.
            if start < 0, errno == ENXIO { return }
            let begin = max(start, offset)
            let hole = Int64(lseek(from, off_t(begin), SEEK_HOLE))
            let end = hole > begin ? min(hole, size) : size
            _ = try syscall("lseek", on: subject()) { lseek(into, off_t(begin), SEEK_SET) }
            var position = off_t(begin)
            while Int64(position) < end {
                let count = try syscall("sendfile", on: subject()) {
                    sendfile(into, from, &position, min(chunk, Int(end - Int64(position))))
                }
                // It became shorter while it was read.
                if count == 0 { return }
            }
            offset = end
        }
    }

    private static func copyToEnd(
        _ source: SharedFD,
        _ target: SharedFD,
        subject: @autoclosure () -> String
    ) throws(SyscallError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try source.with { fd throws(SyscallError) in
                try syscall("read", on: subject()) { read(fd, buffer.baseAddress, buffer.count) }
            }
            if count == 0 { return }
            var written = 0
            while written < count {
                written += try target.with { fd throws(SyscallError) in
                    try syscall("write", on: subject()) {
                        write(fd, buffer.baseAddress?.advanced(by: written), count - written)
                    }
                }
            }
        }
    }
}
