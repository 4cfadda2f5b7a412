import Glibc
package import Linux
package import SystemPackage

/// Bytes that are waited for on the calling thread.
package protocol ByteSource: Sendable {
    /// Puts the next bytes into a buffer and says how many; 0 is the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// The next bytes in memory of their own, so many at most; none at the end.
    func next(atMost limit: Int) throws -> ArraySlice<UInt8>
}

extension ByteSource {
    /// The next bytes, at most `limit`; empty at the end.
    package func next(atMost limit: Int) throws -> ArraySlice<UInt8> {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer))
        }[...]
    }
}

/// The bytes of an open file, from its current position.
package struct FileSource: ByteSource {
    private let file: SharedFD
    private let subject: String
    private let isFile: Bool

    /// Reads a file of ours.
    package init(_ path: FilePath) throws(SyscallError) {
        self.init(SharedFD(try openFile(path, O_RDONLY)), subject: path.string)
    }

    /// Reads an open file, or a pipe that blocks. Where an `isFile` that does not block has nothing
    /// to read, as the kernel's /proc/kmsg, that is refused and not waited for.
    package init(_ file: SharedFD, subject: String, isFile: Bool = false) {
        self.file = file
        self.subject = subject
        self.isFile = isFile
    }

    /// Reads into `buffer` and says how many bytes; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try file.with { file in
            while true {
                do throws(SyscallError) {
                    return try syscall("read", on: subject) {
                        Glibc.read(file, buffer.baseAddress, buffer.count)
                    }
                } catch {
                    // Somebody else made the pipe we were given non-blocking.
                    guard error.errno == EAGAIN else { throw error }
                    if isFile {
                        let reason = "it has nothing to read now, and no end"
                        throw ImageStoreError(subject: subject, .refused(reason))
                    }
                    var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
                    _ = poll(&wait, 1, -1)
                }
            }
        }
    }
}

/// No bytes.
package struct EmptySource: ByteSource {
    package init() {}
    /// Reads into `buffer` and says how many bytes; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }
}
