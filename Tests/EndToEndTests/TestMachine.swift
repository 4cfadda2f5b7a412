import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// A machine of a test's own: a network namespace in which everything runs, a state folder, a
/// project name that nobody else has. No packet leaves it, and it is checked for left-overs.
final class TestMachine: Sendable {
    /// Holds the state of berth, and whatever files a test writes.
    let folder: URL
    let project: String
    /// Keeps the namespace; ends when its input does.
    private let holder: Program

    /// Makes the namespace with its loopback up.
    init() async throws {
        let tag = String(UInt32.random(in: .min ... .max), radix: 16)
        project = "t\(tag)"
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-e2e-\(tag)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        holder = try Program(
            [
                "/usr/bin/unshare", "--net", "sh", "-c",
                "ip link set lo up && echo up && read -r word",
            ],
            environment: ["PATH": Self.path],
            directory: "/",
            hasInput: true
        )
        let word = try await holder.firstOutput()
        try #require(word == "up\n")
    }

    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    struct Output {
        var status: Int32
        var out: String
        var err: String

        var lines: [String] { out.split(separator: "\n").map(String.init) }
    }

    /// Runs `berth` with the test's project and waits for its end.
    @discardableResult
    func berth(
        _ arguments: String...,
        in directory: URL? = nil,
        environment: [String: String] = [:]
    ) async throws -> Output {
        try await run(
            [Products.path("berth")] + arguments,
            in: directory,
            environment: environment
        )
    }

    /// Runs docker's command line as `berth docker` has it.
    @discardableResult
    func docker(_ arguments: String...) async throws -> Output {
        try await run([Products.path("berth"), "docker"] + arguments)
    }

    /// Runs any program inside the machine and waits for its end.
    @discardableResult
    func run(
        _ command: [String],
        in directory: URL? = nil,
        environment: [String: String] = [:]
    ) async throws -> Output {
        try await start(command, in: directory, environment: environment).end()
    }

    /// Starts a program inside the machine.
    func start(
        _ command: [String],
        in directory: URL? = nil,
        environment: [String: String] = [:]
    ) throws -> Program {
        try Program(
            inside + command,
            environment: self.environment.merging(environment) { $1 },
            directory: (directory ?? folder).path()
        )
    }

    /// What starts a program inside the machine, without descriptors.
    func request(
        _ command: [String],
        in directory: String? = nil,
        environment: [String: String] = [:]
    ) -> SpawnRequest {
        let words = inside + command
        var request = SpawnRequest(program: words[0], arguments: words)
        request.environment = self.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        request.workingDirectory = directory ?? folder.path()
        return request
    }

    private var inside: [String] {
        ["/usr/bin/nsenter", "--net=/proc/\(holder.pid)/ns/net", "--"]
    }

    private var environment: [String: String] {
        [
            "PATH": Self.path, "HOME": folder.path(), "NO_COLOR": "1",
            "BERTH_ROOT": folder.path() + "/root", "BERTH_RUN": folder.path() + "/run",
            "COMPOSE_PROJECT_NAME": project,
        ]
    }

    /// Writes a compose file (or any other) below the machine's folder.
    @discardableResult
    func write(_ text: String, to path: String = "compose.yaml") throws -> URL {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        return file
    }

    /// Asks again and again until `condition` holds; one that never does ends the test, and says what
    /// was waited for. What is asked takes a moment each time, mostly a program's run.
    func until(
        _ what: String,
        within limit: Duration = .seconds(20),
        _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await run(["true"])
        }
        throw NotInTime(description: "not within \(limit): \(what)")
    }

    /// What a test goes on from has not come to be.
    struct NotInTime: Error, CustomStringConvertible { var description: String }

    /// Everything down, nothing left, namespace and folder gone.
    func tearDown() async throws {
        try await berth("-p", project, "down", "-v", "-t", "0", "--remove-orphans")
        let check = try await berth("system", "check")
        #expect(check.status == 0, "left over:\n\(check.out)\(check.err)")
        try holder.signal(SIGKILL)
        _ = try await holder.end()
        try FileManager.default.removeItem(at: folder)
    }

    /// Runs `body` on a new machine and tears it down whatever happens.
    static func with(_ body: (TestMachine) async throws -> Void) async throws {
        let machine = try await TestMachine()
        do {
            try await body(machine)
        } catch {
            try await machine.tearDown()
            throw error
        }
        try await machine.tearDown()
    }
}
