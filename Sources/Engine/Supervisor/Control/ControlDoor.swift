import Glibc
import Linux
import SystemPackage

/// Where a supervisor is reached: its socket, which is made again when somebody has removed it.
actor ControlDoor {
    private let path: FilePath
    private let server: ControlServer
    private var listener: UnixListener?
    private var serving: [Task<Void, Never>] = []

    init(at path: FilePath, server: ControlServer) {
        self.path = path
        self.server = server
    }

    /// Listens, if nobody can connect any more. Who is connected stays so.
    func open() throws {
        if let listener, listener.isInPlace { return }
        try makeDirectories(path.removingLastComponent())
        try makeRoom()
        let listener = try UnixListener(at: path)
        self.listener = listener
        let server = server
        // Cancelled by `close`.
        serving.append(
            Task {
                // `try?`: it ends by the cancellation, or because the socket is broken; the
                // supervisor then still keeps its containers, and goes when they have.
                try? await server.serve(listener)
            }
        )
    }

    /// Takes away what somebody has put in the socket's place: a file, or the folder that a mount of
    /// a missing socket leaves. A folder with something in it is only moved aside.
    private func makeRoom() throws {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0,
            status.st_mode & S_IFMT != S_IFSOCK
        else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            if path.withPlatformString({ unlink($0) }) == 0 { return }
            throw SyscallError(call: "unlink", subject: path.string, errno: errno)
        }
        if path.withPlatformString({ rmdir($0) }) == 0 { return }
        let aside = "\(path.string).\(UInt32.random(in: .min ... .max))"
        if rename(path.string, aside) == 0 { return }
        throw SyscallError(call: "rename", subject: path.string, errno: errno)
    }

    /// Cuts everybody off and takes the socket away.
    func close() async {
        for task in serving { task.cancel() }
        for task in serving { await task.value }
        serving = []
        listener = nil
    }
}
