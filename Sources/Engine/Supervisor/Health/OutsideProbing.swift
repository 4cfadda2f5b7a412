import Addresses
import ContainerRuntime
import Engine
import Glibc
import Linux

/// Asks a container for its health from outside: for one run, one question after the other.
struct OutsideProbing {
    let check: OutsideCheck
    let running: RunningContainer
    let engine: Engine
    /// Of the log it was read up to here.
    private var readUpTo: Timestamp
    /// What was looked for in the log has been there: that stays so.
    private var matched: String?

    init(_ check: OutsideCheck, in running: RunningContainer, engine: Engine) {
        self.check = check
        self.running = running
        self.engine = engine
        readUpTo = Timestamp(nanoseconds: running.startedAtNanoseconds)
    }

    /// One answer; every failure is one, too.
    mutating func ask(within patience: Duration) async -> ProbeResult {
        let started = Timestamp.now()
        let (code, output) = await answer(within: patience)
        return ProbeResult(
            started: started,
            ended: .now(),
            exitCode: code,
            output: String(
                decoding: output.utf8.prefix(ProbeResult.maximumOutputBytes),
                as: UTF8.self
            )
        )
    }

    private mutating func answer(within patience: Duration) async -> (Int32, String) {
        do {
            switch check {
            case .log(let pattern): return try await look(for: pattern)
            case .tcp, .http:
                let (check, running, engine) = (check, running, engine)
                return try await limited(patience) {
                    guard let address = check.address else { return (1, "no address") }
                    let socket = try await Self.connect(to: address, of: running, engine)
                    guard case .http(_, _, let path) = check else {
                        return (0, "\(address) accepts connections\n")
                    }
                    return try await HTTPQuestion(path: path, address: address).ask(socket)
                }
            }
        } catch is CancellationError {
            return (-1, "Health check exceeded timeout (\(patience))")
        } catch {
            return (1, "\(error)\n")
        }
    }

    /// - Throws: `CancellationError` when it takes longer, else what `body` throws.
    private func limited<R: Sendable>(
        _ patience: Duration,
        _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        try await withThrowingTaskGroup(of: R.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: patience)
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private static func connect(
        to address: SocketAddress,
        of running: RunningContainer,
        _ engine: Engine
    ) async throws -> InternetSocket {
        let family = address.address.family
        guard let socket = try await engine.openSocket(inNetworkOf: running, family) else {
            throw SyscallError(call: "connect", subject: "\(address)", errno: ENETDOWN)
        }
        try socket.connect(address)
        try await Readiness.writable(socket.fd)
        try socket.finishConnecting(to: address)
        return socket
    }

    /// The lines that have come since it looked last.
    private mutating func look(for pattern: String) async throws -> (Int32, String) {
        if let matched { return (0, matched) }
        let expression = try Regex(pattern)
        var selection = LogSelection()
        selection.since = readUpTo
        var (found, last): (String?, Timestamp) = (nil, readUpTo)
        try await engine.readLogs(of: [running.id], selection) { lines in
            for line in lines where found == nil {
                last = line.time
                let text = String(decoding: line.bytes.prefix(Self.longestLine), as: UTF8.self)
                if text.firstMatch(of: expression) != nil { found = text }
            }
        }
        readUpTo = last
        matched = found
        return found.map { (0, $0) } ?? (1, "no line of its log is matched by \(pattern) yet\n")
    }

    /// Of longer lines the beginning counts: how long matching takes is not for the container to say.
    private static let longestLine = 4096
}

/// One request of HTTP/1.1, and what its first line says.
struct HTTPQuestion {
    let path: String
    let address: SocketAddress

    func ask(_ socket: InternetSocket) async throws -> (Int32, String) {
        let request =
            "GET \(path) HTTP/1.1\r\nHost: \(address)\r\nUser-Agent: berth\r\nAccept: */*\r\n"
            + "Connection: close\r\n\r\n"
        try await socket.fd.write(Array(request.utf8))
        var bytes: [UInt8] = []
        while bytes.count < ProbeResult.maximumOutputBytes {
            let next = try await socket.fd.read(upTo: ProbeResult.maximumOutputBytes)
            bytes += next
            // The head says all: a body that never ends is not waited for.
            if next.isEmpty || Self.hasHead(bytes) { break }
        }
        return Self.judge(bytes)
    }

    private static func hasHead(_ bytes: [UInt8]) -> Bool {
        let end = Array("\r\n\r\n".utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: end) }
    }

    /// 0 for a status below 400, else 1.
    static func judge(_ answer: [UInt8]) -> (Int32, String) {
        let text = String(decoding: answer, as: UTF8.self)
        let line = text.unicodeScalars.prefix { $0 != "\r" && $0 != "\n" }
        let words = String(line).split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]),
            (100...599).contains(status)
        else {
            return (
                1,
                answer.isEmpty
                    ? "it closed the connection without an answer\n" : "no answer of HTTP: \(text)"
            )
        }
        return status < 400 ? (0, "\(String(line))\n") : (1, text)
    }
}
