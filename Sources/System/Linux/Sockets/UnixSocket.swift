import CLinux
import Glibc
package import SystemPackage

/// The user and process at the other end of a Unix socket, when it connected.
package struct PeerCredentials: Hashable, Sendable {
    package var pid: Int32
    package var uid: UInt32
    package var gid: UInt32

    package init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }
}

/// A listening Unix stream socket at a path; the file goes with the object.
package final class UnixListener: Sendable {
    private let fd: SharedFD
    private let path: FilePath
    private let inode: (device: dev_t, inode: ino_t)

    /// Listens at `path`, which only the owner may connect to. A socket left there is replaced, so
    /// the caller holds the lock that says nobody serves it. A folder of any length works.
    package init(at path: FilePath, backlog: CInt = 128) throws(SyscallError) {
        let fd = try makeUnixSocket()
        // The kernel gives the file the socket's own mode: at no moment may others connect.
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("fchmod", on: path.string) { fchmod(fd, 0o600) }
        }
        try removeSocket(path)
        try withAddress(of: path) { address, length in bindCall(fd, address, length) }
        try fd.with { fd throws(SyscallError) in
            _ = try syscall("listen", on: path.string) { listen(fd, backlog) }
        }
        var status = stat()
        _ = try syscall("stat", on: path.string) {
            path.withPlatformString { lstat($0, &status) }
        }
        self.fd = fd
        self.path = path
        inode = (status.st_dev, status.st_ino)
    }

    deinit {
        if isInPlace { _ = path.withPlatformString { unlink($0) } }
    }

    /// False when somebody has removed the file, or put another one in its place: then nobody can
    /// connect any more.
    package var isInPlace: Bool {
        var status = stat()
        let found = path.withPlatformString { lstat($0, &status) } == 0
        return found && status.st_dev == inode.device && status.st_ino == inode.inode
    }

    /// The next connection.
    package func accept() async throws -> UnixConnection {
        while true {
            if let connection = try acceptNow() { return connection }
            try await Readiness.readable(fd)
        }
    }

    private func acceptNow() throws(SyscallError) -> UnixConnection? {
        let flags = CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        do throws(SyscallError) {
            let number = try fd.with { fd throws(SyscallError) in
                try syscall("accept", on: path.string) { berth_accept4(fd, flags) }
            }
            return UnixConnection(SharedFD(taking: number))
        } catch  where error.errno == EAGAIN || error.errno == ECONNABORTED {
            return nil
        }
    }
}

/// One connection over a Unix socket.
package final class UnixConnection: Sendable {
    private let fd: SharedFD

    /// Uses a connected socket that does not block.
    package init(_ fd: SharedFD) { self.fd = fd }

    /// Connects to a listener; ENOENT or ECONNREFUSED when nobody serves the path.
    package static func connect(to path: FilePath) throws(SyscallError) -> UnixConnection {
        UnixConnection(try socket(to: path))
    }

    /// A connected socket alone; of datagrams, each of which `SharedFD.write` sends whole.
    package static func socket(
        to path: FilePath,
        isDatagram: Bool = false
    ) throws(SyscallError) -> SharedFD {
        let fd = try makeUnixSocket(isDatagram ? SOCK_DGRAM : SOCK_STREAM)
        try withAddress(of: path) { address, length in connectCall(fd, address, length) }
        return fd
    }

    /// Who is at the other end.
    package func peer() throws(SyscallError) -> PeerCredentials {
        var peer = berth_peer()
        _ = try fd.with { fd throws(SyscallError) in
            try syscall("getsockopt", on: "SO_PEERCRED") { berth_peer_credentials(fd, &peer) }
        }
        return PeerCredentials(pid: peer.pid, uid: peer.uid, gid: peer.gid)
    }

    /// What has arrived, up to `count` bytes; empty when the other side has finished.
    package func read(upTo count: Int = 64 << 10) async throws -> [UInt8] {
        try await fd.read(upTo: count)
    }

    /// Sends everything; EPIPE when the other side is gone.
    package func write(_ bytes: [UInt8]) async throws { try await fd.write(bytes) }

    /// Says that nothing more will be sent; reading goes on.
    package func finishWriting() {
        fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
    }

    /// Ends both directions, waking whoever reads.
    package func shutDown() {
        fd.with { _ = shutdown($0, CInt(SHUT_RDWR)) }
    }
}

/// Cuts what a connection sends into lines. One reader per connection.
package struct LineReader: Sendable {
    private let connection: UnixConnection
    private var buffer: [UInt8] = []
    private let limit: Int

    /// Reads lines of at most `limit` bytes; a longer one is EMSGSIZE.
    package init(_ connection: UnixConnection, limit: Int = 16 << 20) {
        self.connection = connection
        self.limit = limit
    }

    /// The next line without its newline; nil at the end. An unfinished last line is dropped: its
    /// sender died.
    package mutating func next() async throws -> [UInt8]? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<end])
                buffer.removeSubrange(...end)
                return line
            }
            guard buffer.count <= limit else {
                throw SyscallError(call: "read", subject: "line", errno: EMSGSIZE)
            }
            searched = buffer.count
            let bytes = try await connection.read()
            if bytes.isEmpty { return nil }
            buffer += bytes
        }
    }
}

private func makeUnixSocket(
    _ kind: __socket_type = SOCK_STREAM
) throws(SyscallError) -> SharedFD {
    let type = CInt(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return SharedFD(taking: try syscall("socket") { socket(AF_UNIX, type, 0) })
}

private func removeSocket(_ path: FilePath) throws(SyscallError) {
    var status = stat()
    guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
        throw SyscallError(call: "bind", subject: path.string, errno: EADDRINUSE)
    }
    _ = try syscall("unlink", on: path.string) { path.withPlatformString { unlink($0) } }
}

private func bindCall(_ fd: SharedFD, _ address: UnsafePointer<sockaddr>, _ length: socklen_t)
    -> (String, CInt)
{
    ("bind", fd.with { bind($0, address, length) })
}

private func connectCall(_ fd: SharedFD, _ address: UnsafePointer<sockaddr>, _ length: socklen_t)
    -> (String, CInt)
{
    ("connect", fd.with { connect($0, address, length) })
}

/// Lends the address of a path. One that does not fit into `sockaddr_un` (108 bytes) goes through
/// a descriptor of its folder.
private func withAddress(
    of path: FilePath,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> (String, CInt)
) throws(SyscallError) {
    let folder = try openFile(
        path.removingLastComponent().isEmpty ? "." : path.removingLastComponent(),
        O_PATH | O_DIRECTORY
    )
    try folder.with { folder throws(SyscallError) in
        let short = "/proc/self/fd/\(folder)/\(path.lastComponent?.string ?? "")"
        let text = path.length < 100 ? path.string : short
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard text.utf8.count < capacity else {
            throw SyscallError(call: "bind", subject: path.string, errno: ENAMETOOLONG)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let (call, result, code) = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let (call, result) = body(pointer, length)
                return (call, result, errno)
            }
        }
        if result < 0 { throw SyscallError(call: call, subject: path.string, errno: code) }
    }
}
