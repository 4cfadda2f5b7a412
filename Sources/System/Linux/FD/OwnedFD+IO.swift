import CLinux
import Glibc

extension OwnedFD {
    /// Another descriptor for the same open file, close-on-exec, numbered `minimum` or above.
    package borrowing func duplicate(atLeast minimum: CInt = 3) throws(SyscallError) -> OwnedFD {
        try with { fd throws(SyscallError) in
            OwnedFD(
                taking: try syscall("fcntl", on: "F_DUPFD_CLOEXEC") {
                    berth_fcntl(fd, F_DUPFD_CLOEXEC, minimum)
                }
            )
        }
    }

    /// Reads up to `count` bytes; empty at the end. EAGAIN is thrown.
    package borrowing func readSome(upTo count: Int) throws(SyscallError) -> [UInt8] {
        try with { fd throws(SyscallError) in try readBytes(fd, upTo: count) }
    }

    /// Writes everything, waiting where the descriptor blocks.
    package borrowing func writeAll(_ bytes: [UInt8]) throws(SyscallError) {
        try with { fd throws(SyscallError) in try writeBytes(fd, bytes) }
    }

    /// Reads to the end; more than `limit` bytes is EFBIG.
    package borrowing func readToEnd(
        limit: Int,
        subject: @autoclosure () -> String = ""
    ) throws(SyscallError) -> [UInt8] {
        try with { fd throws(SyscallError) in
            try readAllBytes(fd, limit: limit, subject: subject())
        }
    }
}

extension SharedFD {
    /// As `OwnedFD.duplicate(atLeast:)`.
    package func duplicate(atLeast minimum: CInt = 3) throws(SyscallError) -> OwnedFD {
        try with { fd throws(SyscallError) in
            OwnedFD(
                taking: try syscall("fcntl", on: "F_DUPFD_CLOEXEC") {
                    berth_fcntl(fd, F_DUPFD_CLOEXEC, minimum)
                }
            )
        }
    }

    /// Takes over a number, as `OwnedFD` does.
    package convenience init(taking number: CInt) { self.init(OwnedFD(taking: number)) }

    /// Reads a file from its start to its end; more than `limit` bytes
    /// is EFBIG.
    package func readFromStart(
        limit: Int,
        subject: @autoclosure () -> String = ""
    ) throws(SyscallError) -> [UInt8] {
        try with { fd throws(SyscallError) in
            _ = try syscall("lseek", on: subject()) { lseek(fd, 0, SEEK_SET) }
            return try readAllBytes(fd, limit: limit, subject: subject())
        }
    }

    /// Reads what is there, up to `count` bytes, waiting without a thread; empty at the end. The
    /// descriptor must not block (O_NONBLOCK) or be used by one reader only.
    package func read(upTo count: Int) async throws -> [UInt8] {
        while true {
            if let bytes = try unlessBlocked({ fd throws(SyscallError) in
                try readBytes(fd, upTo: count)
            }) {
                return bytes
            }
            try await Readiness.readable(self)
        }
    }

    /// Writes everything, waiting without a thread.
    package func write(_ bytes: [UInt8]) async throws {
        var written = 0
        while written < bytes.count {
            let rest = bytes[written...]
            if let count = try unlessBlocked({ fd throws(SyscallError) in
                try writeSome(fd, rest)
            }) {
                written += count
            } else {
                try await Readiness.writable(self)
            }
        }
    }

    /// The result of a call on a descriptor that does not block; nil for EAGAIN.
    private func unlessBlocked<R>(
        _ body: (CInt) throws(SyscallError) -> R
    ) throws(SyscallError) -> R? {
        do throws(SyscallError) {
            return try with(body)
        } catch  where error.errno == EAGAIN {
            return nil
        }
    }
}

/// Reads to the end; more than `limit` bytes is EFBIG.
func readAllBytes(
    _ fd: CInt,
    limit: Int,
    subject: @autoclosure () -> String
) throws(SyscallError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
        let more = try readBytes(fd, upTo: 64 << 10, subject: subject())
        if more.isEmpty { return bytes }
        bytes += more
        if bytes.count > limit {
            throw SyscallError(call: "read", subject: subject(), errno: EFBIG)
        }
    }
}

/// Reads once into a new array.
func readBytes(
    _ fd: CInt,
    upTo count: Int,
    subject: @autoclosure () -> String = ""
) throws(SyscallError) -> [UInt8] {
    var failure: SyscallError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        do throws(SyscallError) {
            initialized = try syscall("read", on: subject()) {
                Glibc.read(fd, buffer.baseAddress, buffer.count)
            }
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
    return bytes
}

/// Writes once, as much as fits. A gone reader is EPIPE, never a signal, on a socket.
func writeSome(_ fd: CInt, _ bytes: ArraySlice<UInt8>) throws(SyscallError) -> Int {
    let (count, code) = bytes.withUnsafeBytes { buffer in
        while true {
            var count = send(fd, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
            if count < 0, errno == ENOTSOCK {
                count = Glibc.write(fd, buffer.baseAddress, buffer.count)
            }
            let code = errno
            if count >= 0 || code != EINTR { return (count, code) }
        }
    }
    if count < 0 { throw SyscallError(call: "write", subject: "", errno: code) }
    return count
}

/// Writes everything to a descriptor that blocks.
func writeBytes(
    _ fd: CInt,
    _ bytes: [UInt8],
    subject: @autoclosure () -> String = ""
) throws(SyscallError) {
    var written = 0
    while written < bytes.count {
        written += try bytes[written...].withUnsafeBytesThrowing { buffer throws(SyscallError) in
            try syscall("write", on: subject()) {
                Glibc.write(fd, buffer.baseAddress, buffer.count)
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// `withUnsafeBytes` that keeps the type of what is thrown.
    fileprivate func withUnsafeBytesThrowing<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let result: Result<R, E> = withUnsafeBytes { buffer in
            do throws(E) { return .success(try body(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
