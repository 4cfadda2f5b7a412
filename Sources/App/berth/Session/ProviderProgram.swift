import Glibc
import Linux

/// A program of somebody else's that does something for a project.
struct ProviderProgram: Sendable {
    let path: String
    let arguments: [String]
    /// What it writes to its standard error is not shown.
    var isQuiet = false

    /// No line of a message is longer.
    private static let longestLine = 1 << 20

    /// Where docker's command line looks for its plugins, then the folders of PATH.
    /// - Throws: a `Failure` that names what was looked for; `purpose` is who needs it.
    static func find(_ type: String, for purpose: String) throws -> String {
        let environment = Machine.environment()
        let own =
            environment["DOCKER_CONFIG"] ?? environment["HOME"].map { $0 + "/.docker" }
        let plugins =
            [own].compactMap { $0.map { $0 + "/cli-plugins" } }
            + ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"]
            .map { $0 + "/docker/cli-plugins" }
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        guard !type.contains("/") else {
            guard isProgram(type) else {
                throw Failure("\(purpose): \(type) is no program that can be executed")
            }
            return type
        }
        for folder in plugins where isProgram("\(folder)/docker-\(type)") {
            return "\(folder)/docker-\(type)"
        }
        for name in ["docker-\(type)", "compose-\(type)", type] {
            for folder in folders where isProgram("\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        throw Failure(
            "\(purpose): there is no program docker-\(type), compose-\(type) or \(type); install it, "
                + "or put it into a folder of PATH"
        )
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// Runs it to its end, with our environment; gives its exit status. One whose lines are refused, or
    /// that is cancelled, is killed.
    func run(_ body: (_ line: [UInt8]) throws -> Void) async throws -> Int32 {
        var pipe = try Pipe.make(flags: O_CLOEXEC | O_NONBLOCK)
        let reader = SharedFD(pipe.takeReader())
        let process: ProcessFD
        do {
            let writer = SharedFD(pipe.takeWriter())
            try writer.with { fd throws(SyscallError) in
                _ = try syscall("fcntl") { fcntl(fd, F_SETFL, 0) }
            }
            var request = SpawnRequest(program: path, arguments: [path] + arguments)
            request.environment = Machine.environment().map { "\($0)=\($1)" }.sorted()
            request.descriptors[1] = writer
            if !isQuiet {
                let number = try syscall("fcntl", on: "standard error") {
                    fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                }
                request.descriptors[2] = SharedFD(OwnedFD(taking: number))
            }
            process = try spawn(request)
        }
        do {
            try await Self.read(reader, body)
        } catch {
            _ = try process.signal(SIGKILL)
            _ = try await Task { try await process.exitStatus() }.value
            throw error
        }
        switch try await process.exitStatus() {
        case .exited(let code): return code
        case .signaled(let number): return 128 + number
        }
    }

    private static func read(
        _ reader: SharedFD,
        _ body: (_ line: [UInt8]) throws -> Void
    ) async throws {
        var pending: [UInt8] = []
        while true {
            let bytes = try await reader.read(upTo: 64 << 10)
            if bytes.isEmpty { break }
            pending += bytes
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                if !line.allSatisfy({ $0 == UInt8(ascii: " ") }) { try body(line) }
            }
            guard pending.count <= longestLine else {
                throw Failure("a line of more than \(longestLine >> 20) MiB is no message")
            }
        }
        if !pending.isEmpty { try body(pending) }
    }
}
