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

    /// Cuts everybody off and takes the socket away.
    func close() async {
        for task in serving { task.cancel() }
        for task in serving { await task.value }
        serving = []
        listener = nil
    }
}
