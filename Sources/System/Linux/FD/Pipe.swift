import CLinux
import Glibc

/// Two connected descriptors, each of which is taken or closed once.
package struct Pipe: ~Copyable, Sendable {
    private var reader: OwnedFD?
    private var writer: OwnedFD?

    private init(_ numbers: (CInt, CInt)) {
        reader = OwnedFD(taking: numbers.0)
        writer = OwnedFD(taking: numbers.1)
    }

    /// pipe2(2). A `capacity` in bytes is a wish: who may not have as much gets the usual.
    package static func make(
        flags: CInt = O_CLOEXEC,
        capacity: CInt? = nil
    ) throws(SyscallError) -> Pipe {
        var numbers: (CInt, CInt) = (-1, -1)
        _ = try syscall("pipe2") {
            withUnsafeMutablePointer(to: &numbers) {
                $0.withMemoryRebound(to: CInt.self, capacity: 2) {
                    berth_pipe2($0, flags | O_CLOEXEC)
                }
            }
        }
        if let capacity { _ = berth_fcntl(numbers.1, F_SETPIPE_SZ, capacity) }
        return Pipe(numbers)
    }

    /// A connected pair of Unix stream sockets; both ends read and write.
    package static func socketPair(
        nonBlocking: Bool = false
    ) throws(SyscallError) -> Pipe {
        var type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        if nonBlocking { type |= CInt(SOCK_NONBLOCK.rawValue) }
        var numbers: (CInt, CInt) = (-1, -1)
        _ = try syscall("socketpair") {
            withUnsafeMutablePointer(to: &numbers) {
                $0.withMemoryRebound(to: CInt.self, capacity: 2) {
                    socketpair(AF_UNIX, type, 0, $0)
                }
            }
        }
        return Pipe(numbers)
    }

    /// Gives the reading end away.
    package mutating func takeReader() -> OwnedFD { Self.take(&reader) }

    /// Gives the writing end away.
    package mutating func takeWriter() -> OwnedFD { Self.take(&writer) }

    private static func take(_ end: inout OwnedFD?) -> OwnedFD {
        guard let fd = end.take() else { preconditionFailure("this end of the pipe is gone") }
        return fd
    }
}
