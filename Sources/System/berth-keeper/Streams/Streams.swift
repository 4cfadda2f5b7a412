import CLinux

/// What one descriptor of a program's streams is for.
enum StreamRole {
    case output, error
    /// Takes input again.
    case input
    /// Where the program's terminal comes from.
    case terminal
    case listener
    case client(Int)
}

/// The keeper's ends of a program's streams. What the program writes goes into the log and to the
/// clients that are attached; what clients send goes to the program.
///
/// Memory is fixed. A program that writes faster than the disk waits, and so does one that writes
/// faster than an attached client reads, for as long as `Clients.patience` says.
struct Streams {
    let spec: Spec
    /// pidfd that clients' signals go to; -1 while there is none.
    var process: CInt = -1
    var clients: Clients
    /// Where input goes: a pipe, or the terminal. -1: nobody takes any.
    var input: CInt = -1
    /// Reading ends of pipes; a terminal is `output` alone. -1 after the end.
    private var output: CInt = -1
    private var error: CInt = -1
    /// The socket that the terminal comes from; -1 when it has come, or will not.
    private(set) var handover: CInt = -1
    /// The last size that a client gave before the terminal was there.
    var window: keeper_window
    private var log: Log?
    private var listener: CInt = -1
    private let chunk: UnsafeMutablePointer<UInt8>
    private static let chunkSize = Int(KEEPER_LARGEST_ANSWER)

    /// Entries of a poll table: two outputs, input, terminal, listener and the clients.
    static let entries = 5 + Clients.capacity

    /// Those of a container, with the child's ends; nil with errno.
    init?(ofContainer spec: Spec, childs: inout Stdio) {
        self.init(spec, patience: Clients.containersPatience)
        let fields = spec.fields
        if fields.log_files > 0 {
            guard
                let file = LogFile(
                    folder: KeeperFD.folder.rawValue,
                    limit: fields.log_file_bytes,
                    files: fields.log_files
                )
            else { return nil }
            log = Log(into: file)
        }
        guard makeEnds(&childs) else { return nil }
        listener = listen(in: KeeperFD.folder.rawValue)
        if listener < 0 { return nil }
    }

    /// Those of a process with a terminal, whose client is there from the start; nil with errno.
    init?(ofProcess spec: Spec, childs: inout Stdio) {
        self.init(spec, patience: nil)
        guard makeEnds(&childs) else { return nil }
        let index = clients.add(spec.fields.client_fd)
        clients[index]?.isAttached = true
        clients[index]?.givesInput = true
    }

    private init(_ spec: Spec, patience: Int64?) {
        self.spec = spec
        window = spec.fields.window
        clients = Clients(patience: patience)
        chunk = .allocate(capacity: Self.chunkSize)
    }

    private mutating func makeEnds(_ childs: inout Stdio) -> Bool {
        if spec.has(KEEPER_TERMINAL) {
            var pair = (CInt(-1), CInt(-1))
            guard makeSocketPair(&pair) else { return false }
            (handover, childs.terminal) = pair
            return true
        }
        var (out, err, into) = ((CInt(-1), CInt(-1)), (CInt(-1), CInt(-1)), (CInt(-1), CInt(-1)))
        guard makePipe(&out), makePipe(&err) else { return false }
        if spec.has(KEEPER_INPUT) && !makePipe(&into) { return false }
        for end in [out.0, err.0, into.1] { _ = berth_fcntl(end, F_SETFL, O_NONBLOCK) }
        (output, error, input) = (out.0, err.0, into.1)
        (childs.output, childs.error, childs.input) = (out.1, err.1, into.0)
        return true
    }

    // MARK: Waiting

    /// Adds what is to be waited for. Output is not read while a client has no room for it.
    mutating func add(to table: inout PollTable) {
        if clients.haveRoom() {
            table.add(output, .stream(.output))
            table.add(error, .stream(.error))
        }
        if hasWaitingInput { table.add(input, .stream(.input), events: POLLOUT) }
        table.add(handover, .stream(.terminal))
        table.add(listener, .stream(.listener))
        clients.add(to: &table)
    }

    var timeout: CInt { clients.timeout }

    mutating func handle(_ role: StreamRole, _ events: CInt) {
        switch role {
        case .output: _ = copy(.output)
        case .error: _ = copy(.error)
        case .input: goOnWithInput()
        case .terminal: takeTerminal()
        case .listener: accept()
        case .client(let index): serve(index, events)
        }
    }

    /// Writes down what was gathered for the log.
    mutating func flush() { log?.flush() }

    private mutating func accept() {
        let fd = berth_accept4(listener, CInt(SOCK_CLOEXEC.rawValue))
        guard fd >= 0 else { return }
        if clients.areMost { makeRoom() }
        _ = clients.add(fd)
    }

    // MARK: Output

    /// Reads standard output, or the terminal, or else standard error, once; false when there is
    /// nothing (more).
    private mutating func copy(_ kind: KeeperAnswer) -> Bool {
        let isOutput = kind == .output
        let source = isOutput ? output : error
        guard source >= 0 else { return false }
        let count = read(source, chunk, Self.chunkSize)
        if count < 0 && berth_errno() == EINTR { return true }
        if count < 0 && berth_errno() == EAGAIN { return false }
        guard count > 0 else {
            end(isOutput)
            return false
        }
        let bytes = UnsafeBufferPointer(start: UnsafePointer(chunk), count: count)
        if isOutput { log?.appendOutput(bytes) } else { log?.appendError(bytes) }
        clients.send(kind, UnsafeRawBufferPointer(bytes))
        return true
    }

    /// The end of a pipe, or of a terminal that was hung up (EIO), where nobody types any more.
    private mutating func end(_ isOutput: Bool) {
        _ = close(isOutput ? output : error)
        if isOutput {
            if input == output { input = -1 }
            output = -1
        } else {
            error = -1
        }
    }

    /// Takes what the program has left when it has ended, and ends the log's last lines. Clients
    /// are waited for as long as `patience` says; others that write still are heard for so many
    /// pieces only.
    mutating func drain(patience: Int64?, pieces: Int = .max) {
        takeTerminal()
        clients.patience = patience
        log?.hurry()
        var left = pieces
        while left > 0 {
            clients.waitForRoom()
            let hasCopied = copy(.output)
            clients.waitForRoom()
            if !copy(.error) && !hasCopied { break }
            left -= 1
        }
        log?.end()
    }

    /// What the log has lost and does not say.
    var loss: LogLoss { log?.loss ?? LogLoss() }

    /// Tells the clients how it ended, and lets nobody else come.
    mutating func end(code: Int32, signal: Int32, patience: Int64?) {
        if listener >= 0 { _ = unlinkat(KeeperFD.folder.rawValue, c("attach"), 0) }
        var ending = keeper_ending(code: code, signal: signal)
        clients.waitForRoom()
        withUnsafeBytes(of: &ending) { clients.send(.exited, $0) }
        clients.waitUntilSent(patience)
    }

    // MARK: Terminal

    /// Takes the terminal that the child has made, once it has.
    mutating func takeTerminal() {
        guard handover >= 0 else { return }
        var ends = (CInt(-1), CInt(-1))
        let count = withUnsafeMutablePointer(to: &ends) { pointer in
            pointer.withMemoryRebound(to: CInt.self, capacity: 2) {
                berth_receive_two_descriptors(handover, $0)
            }
        }
        if count < 0 && (berth_errno() == EAGAIN || berth_errno() == EINTR) { return }
        _ = close(handover)
        handover = -1
        guard ends.0 >= 0 else { return goOnWithInput() }
        _ = berth_fcntl(ends.0, F_SETFL, O_NONBLOCK)
        // The program's end stays open here, too: a program may close it and open it again.
        output = ends.0
        if spec.has(KEEPER_INPUT) { input = output }
        resize()
        goOnWithInput()
    }

    /// Gives the terminal the last size that was asked for. The kernel tells the program.
    func resize() {
        guard spec.has(KEEPER_TERMINAL), output >= 0, window.rows > 0, window.columns > 0 else {
            return
        }
        _ = berth_set_window(output, window.rows, window.columns)
    }
}

/// Listens at `attach` in a container's folder, for root only; -1 with errno.
private func listen(in folder: CInt) -> CInt {
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let fd = socket(AF_UNIX, type, 0)
    guard fd >= 0 else { return -1 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
        if let base = path.baseAddress { memcpy(base, c("attach"), 7) }
    }
    // The file has the socket's own mode. Its path is short, wherever the folder is.
    _ = unlinkat(folder, c("attach"), 0)
    let isBound =
        fchmod(fd, 0o600) == 0 && fchdir(folder) == 0
        && withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    let error = berth_errno()
    _ = chdir(c("/"))
    berth_set_errno(error)
    return isBound && CLinux.listen(fd, CInt(Clients.capacity)) == 0 ? fd : -1
}

/// A pair of connected sockets that do not block; closed by exec.
private func makeSocketPair(_ ends: inout (CInt, CInt)) -> Bool {
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return withUnsafeMutablePointer(to: &ends) { pointer in
        pointer.withMemoryRebound(to: CInt.self, capacity: 2) {
            socketpair(AF_UNIX, type, 0, $0) == 0
        }
    }
}
