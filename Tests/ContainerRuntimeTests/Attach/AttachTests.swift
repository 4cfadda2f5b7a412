import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(
    "clients of a container's streams",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct AttachTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func started(
        _ script: String,
        _ streams: Streams?,
        change: (inout ContainerSpec) -> Void = { _ in }
    ) async throws -> AttachedContainer {
        try await AttachedContainer(bench, script, streams, change: change)
    }

    @Test("a client hears each stream, and how the program ended")
    func streams() async throws {
        let container = try await started(
            "read x; echo out $x; echo err >&2; exit 7",
            .pipes(input: .open)
        )
        let client = try await container.attach()
        #expect(client.connection.streams == .pipes(input: .open))
        try await client.type("hi\n")
        #expect(try await client.end() == 7)
        _ = try await container.running.wait()
        #expect(client.text == "out hi\n")
        #expect(String(decoding: client.error, as: UTF8.self) == "err\n")
        #expect(try await client.connection.next() == nil)
        #expect(try await container.running.wait().code == 7)
        #expect(try bench.entries(container.running).map(\.log) == ["out hi\n", "err\n"])
    }

    @Test("every client hears the same from when it came, and any may type")
    func several() async throws {
        let container = try await started("while read x; do echo $x; done", .pipes(input: .open))
        let first = try await container.attach()
        try await first.type("one\n")
        try await first.until("one\n")
        let second = try await container.attach()
        try await second.type("two\n")
        for client in [first, second] { try await client.until("two\n") }
        #expect(first.text == "one\ntwo\n")
        #expect(second.text == "two\n")
        // Input that stays open does not end with those who gave it.
        try await first.send(.closeInput)
        first.connection.close()
        try await second.type("three\n")
        try await second.until("three\n")
        try await container.end()
        #expect(try await second.end() == 137)
        _ = try await container.running.wait()
    }

    @Test("input for once ends with the client that gives it", arguments: [true, false])
    func once(closes: Bool) async throws {
        let container = try await started("cat; echo end", .pipes(input: .once))
        let client = try await container.attach()
        let looking = try await container.attach(givesInput: false)
        try await client.type("last")
        if closes { try await client.send(.closeInput) } else { client.connection.close() }
        #expect(try await looking.end() == 0)
        _ = try await container.running.wait()
        #expect(looking.text == "lastend\n")
    }

    @Test(
        "who takes no input is not given any",
        arguments: [.none, .pipes(input: .none)] as [Streams?]
    )
    func noInput(streams: Streams?) async throws {
        let container = try await started("cat; sleep 1000", streams)
        let client = try await container.attach()
        #expect(client.connection.streams == .pipes(input: .none))
        try await client.type("nobody reads this\n")
        try await client.send(.signal(SIGKILL))
        #expect(try await client.end() == 137)
        _ = try await container.running.wait()
        #expect(client.text == "")
    }

    @Test("only the keeper's user may connect, and the socket goes with the container")
    func socket() async throws {
        let container = try await started("sleep 1000", nil)
        let path = container.running.directory.appending("attach")
        var status = stat()
        try #require(lstat(path.string, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o600)
        try await container.end()
        #expect(lstat(path.string, &status) < 0)
        let error = await #expect(throws: RuntimeError.self) { try await container.attach() }
        #expect(error?.message.hasPrefix("it takes no clients: it has ended") == true)
    }

    @Test("much input and output arrives whole, through several frames at once")
    func much() async throws {
        let container = try await started("cat", .pipes(input: .once))
        let client = try await container.attach()
        let bytes = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        let connection = client.connection
        async let sending: Void = {
            for start in stride(from: 0, to: bytes.count, by: 100_000) {
                try await connection.send(.input(Array(bytes[start..<(start + 100_000)])))
            }
            try await connection.send(.closeInput)
        }()
        #expect(try await client.end() == 0)
        _ = try await container.running.wait()
        try await sending
        #expect(client.output == bytes)
    }

    @Test("a client that does not read is given up, and the container and its log go on")
    func slow() async throws {
        let container = try await started(
            "yes 0123456789 | head -n 200000; echo end; read x",
            .pipes(input: .open)
        )
        let idle = try await container.attach()
        let reading = try await container.attach()
        try await reading.until("end\n")
        // It had no part in what came: at most what its socket and the keeper's memory hold.
        let isWhole = try await idle.until { $0.text.hasSuffix("end\n") }
        #expect(!isWhole || idle.output.count == reading.output.count)
        try await reading.type("\n")
        #expect(try await reading.end() == 0)
        _ = try await container.running.wait()
        let log = try bench.entries(container.running)
        #expect(log.last?.log == "end\n")
    }

    @Test("there is a limit to clients, and room again when one leaves")
    func many() async throws {
        let container = try await started("sleep 1000", nil)
        var clients: [AttachSpectator] = []
        for _ in 0..<32 { clients.append(try await container.attach()) }
        await #expect(throws: RuntimeError.self) { try await container.attach() }
        clients.removeFirst().connection.close()
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if let client = try? await container.attach() {
                clients.append(client)
                break
            }
        }
        #expect(clients.count == 32)
        try await container.end()
    }

    @Test("who left with input that the program does not take makes room for others")
    func gone() async throws {
        let container = try await started("exec sleep 1000", .pipes(input: .open))
        // The first fills the program's pipe, the others wait behind it.
        for _ in 0..<40 {
            let client = try await container.attach()
            try await client.send(.input([UInt8](repeating: 0, count: 90_000)))
            client.connection.close()
        }
        try await container.end()
    }

    private static let hostile: [[UInt8]] = [
        [0, 0, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255],
        [9, 0, 0, 0, 0, 0, 0, 0], [6, 0, 0, 0, 1, 64, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0],
        [4, 0, 0, 0, 8, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], [8, 0, 0, 0, 3, 0, 0, 0, 1, 1, 1],
        // What only the starter may say.
        [1, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0, 0, 0],
        [6, 0, 0],
    ]

    @Test("whatever is sent to a keeper ends at most that connection")
    func garbage() async throws {
        let container = try await started("cat", .pipes(input: .open))
        let path = container.running.directory.appending("attach")
        let witness = try await container.attach()
        var random = SystemRandomNumberGenerator()
        for round in 0..<300 {
            let client = try UnixConnection.connect(to: path)
            let bytes =
                round < Self.hostile.count
                ? Self.hostile[round]
                : (0..<64).flatMap { _ in
                    // Mostly frames that could be.
                    [UInt8.random(in: 0...9, using: &random), 0, 0, 0]
                        + [UInt8.random(in: 0...12, using: &random), 0, 0, 0]
                        + (0..<Int.random(in: 0...12)).map { _ in UInt8.random(in: 65...120) }
                }
            // `try?`: the keeper may have closed it in the middle.
            try? await client.write(Self.withoutSignals(bytes))
            client.shutDown()
        }
        try await witness.type("still here\n")
        try await witness.until("still here\n")
        try await container.end()
    }

    /// A signal would end the container, as it should.
    private static func withoutSignals(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count > 16 ? bytes.map { $0 == 4 ? 5 : $0 } : bytes
    }
}
