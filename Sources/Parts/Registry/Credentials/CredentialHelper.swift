import FoundationEssentials
import Glibc
import Linux
import SystemPackage
import TextForms

/// A program that keeps credentials, `docker-credential-NAME`: docker/docker-credential-helpers.
///
/// It is found along PATH, started directly and never through a shell, and has a time limit.
struct CredentialHelper: Sendable {
    /// `pass`, `secretservice`, `ecr-login`.
    let name: String
    let environment: [String: String]
    var timeLimit: Duration = .seconds(60)

    /// Longest answer.
    private static let answerLimit = 1 << 20
    /// What helpers say instead of an answer when they know nothing of a registry.
    private static let notFound = [
        "credentials not found in native keychain", "credentials not found",
    ]

    var program: String { "docker-credential-\(name)" }

    /// What it knows for a key; nil when nothing.
    func get(_ key: String) async throws -> Credentials? {
        let answer = try await run("get", input: key)
        guard answer.isSuccess else {
            if Self.notFound.contains(answer.text) { return nil }
            throw failure("get", answer)
        }
        guard let document = try? JSONValue(parsing: answer.bytes),  // its content is secret
            let username = document["Username"]?.string, let secret = document["Secret"]?.string
        else { throw ConfigurationError(program, "its answer to get is not what helpers answer") }
        if username.isEmpty, secret.isEmpty { return nil }
        return username == "<token>"
            ? .identityToken(secret) : .password(username: username, password: secret)
    }

    /// Has it keep credentials.
    func store(_ credentials: Credentials, for key: String) async throws {
        var document = JSONValue.object([])
        document["ServerURL"] = .string(key)
        switch credentials {
        case .password(let username, let password):
            document["Username"] = .string(username)
            document["Secret"] = .string(password)
        case .identityToken(let token), .registryToken(let token):
            document["Username"] = .string("<token>")
            document["Secret"] = .string(token)
        }
        let answer = try await run("store", input: document.text())
        guard answer.isSuccess else { throw failure("store", answer) }
    }

    /// Has it forget; that it knew nothing is no error.
    func erase(_ key: String) async throws {
        let answer = try await run("erase", input: key)
        guard answer.isSuccess || Self.notFound.contains(answer.text) else {
            throw failure("erase", answer)
        }
    }

    /// The keys it knows, with the names of their users.
    func list() async throws -> [String: String] {
        let answer = try await run("list", input: "")
        guard answer.isSuccess else { throw failure("list", answer) }
        guard let members = (try? JSONValue(settings: answer.bytes))?.members else {  // as above
            throw ConfigurationError(program, "its answer to list is not what helpers answer")
        }
        return Dictionary(members.map { ($0.name, $0.value.string ?? "") }) { $1 }
    }

    private struct Answer: Sendable {
        var isSuccess: Bool
        var bytes: [UInt8]

        var text: String {
            let text = String(decoding: bytes.prefix(1000), as: UTF8.self)
            return String(
                text.trimmingPrefix { $0.isWhitespace }.reversed()
                    .drop { $0.isWhitespace }.reversed()
            )
        }
    }

    private func failure(_ verb: String, _ answer: Answer) -> ConfigurationError {
        let words = answer.text.filter { $0 >= " " && $0 != "\u{7f}" }
        return ConfigurationError(program, "\(verb): \(words.isEmpty ? "it failed" : words)")
    }

    /// Starts it with a verb and hands it its input; its messages go where ours go.
    private func run(_ verb: String, input: String) async throws -> Answer {
        var answer = try Pipe.make()
        var request = SpawnRequest(
            program: try find(),
            arguments: [program, verb]
        )
        request.environment = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        request.descriptors[0] = SharedFD(
            try Memfd.sealed(Array(input.utf8), name: "berth-credential")
        )
        request.descriptors[1] = SharedFD(answer.takeWriter())
        request.descriptors[2] = try Self.standardError()
        let process = try spawn(request)
        request.descriptors = [:]
        let reader = SharedFD(answer.takeReader())
        do {
            return try await withTimeLimit {
                let bytes = try await Self.readAll(reader)
                return Answer(
                    isSuccess: try await process.exitStatus() == .exited(code: 0),
                    bytes: bytes
                )
            }
        } catch {
            _ = try process.signal(SIGKILL)
            _ = try await process.exitStatus()
            throw error
        }
    }

    private func withTimeLimit(_ body: @escaping @Sendable () async throws -> Answer) async throws
        -> Answer
    {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: timeLimit)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                throw ConfigurationError(program, "no answer within \(timeLimit)")
            }
            return answer
        }
    }

    private static func readAll(_ fd: SharedFD) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            try await Readiness.readable(fd)
            let more = try await fd.read(upTo: 64 << 10)
            if more.isEmpty { return bytes }
            bytes += more
            guard bytes.count <= answerLimit else {
                throw SyscallError(call: "read", subject: "credential helper", errno: EFBIG)
            }
        }
    }

    /// A second descriptor of our standard error.
    private static func standardError() throws -> SharedFD {
        SharedFD(
            taking: try syscall("fcntl", on: "standard error") {
                fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
            }
        )
    }

    /// Its path. Folders that PATH names relative to where we happen to be are passed over.
    private func find() throws -> String {
        guard !name.isEmpty, !name.contains(where: { $0 == "/" || $0 == "\0" }) else {
            throw ConfigurationError("credential helper", "\"\(name)\" is not a name")
        }
        let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.first == "/" }
        for folder in folders {
            let path = "\(folder)/\(program)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                access(path, X_OK) == 0
            else { continue }
            return path
        }
        throw ConfigurationError(
            program,
            "docker's config.json names this credential helper, but PATH has no such program"
        )
    }
}
