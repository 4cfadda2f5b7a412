import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("terminals of containers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct TerminalTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private static let threeTimes = String(repeating: "/dev/pts/0\n", count: 3)

    @Test(
        "a container's terminal is its own, the controlling one, and the console",
        arguments: [("", false), ("web", false), ("", true), ("web", true)]
    )
    func container(user: String, usesInit: Bool) async throws {
        let look = """
            for n in 0 1 2; do readlink /proc/$$/fd/$n; done
            stat -c '%a %u %g' /dev/pts/0; echo to the terminal > /dev/tty
            stat -c '%t:%T' /dev/console /dev/pts/0; grep -c console /proc/mounts; echo $TERM
            """
        let container = try await AttachedContainer(
            bench,
            "read x; \(look)",
            .terminal(input: .open)
        ) {
            $0.process.user = user
            $0.usesInit = usesInit
        }
        let client = try await container.attach()
        #expect(client.connection.streams == .terminal(input: .open))
        try await client.type("\n")
        #expect(try await client.end() == 0)
        _ = try await container.running.wait()
        let owner = user.isEmpty ? "0" : "1000"
        #expect(
            client.text
                == "\n\(Self.threeTimes)620 \(owner) 5\nto the terminal\n88:0\n88:0\n1\nxterm\n"
                .replacing("\n", with: "\r\n"),
            "\(client.text)"
        )
        let log = try bench.entries(container.running)
        #expect(log.allSatisfy { $0.stream == "stdout" })
        #expect(log.map(\.log).joined() == client.text)
    }

    @Test("a new size is the terminal's, and the program is told")
    func resize() async throws {
        let container = try await AttachedContainer(
            bench,
            "trap 'stty size' WINCH; read x; echo ready; while :; do sleep 0.05; done",
            .terminal(input: .open)
        )
        let client = try await container.attach()
        try await client.type("\n")
        try await client.until("ready")
        try await client.send(.resize(TerminalSize(rows: 30, columns: 100)))
        try await client.until("30 100")
        try await client.send(.resize(TerminalSize(rows: 50, columns: 220)))
        try await client.until("50 220")
        try await container.end()
    }

    @Test("^C interrupts, ^D ends, and what is typed is seen")
    func keys() async throws {
        let container = try await AttachedContainer(
            bench,
            "trap 'echo caught' INT; cat; cat; echo end",
            .terminal(input: .open)
        )
        let client = try await container.attach()
        try await client.type("typed\n")
        try await client.until("typed\r\ntyped\r\n")
        try await client.type("\u{3}")
        try await client.until("caught")
        try await client.type("\u{4}")
        #expect(try await client.end() == 0)
        _ = try await container.running.wait()
        #expect(client.text.hasSuffix("end\r\n"))
    }

    @Test("a terminal outlives its clients, and a program that closes its streams")
    func outlives() async throws {
        let container = try await AttachedContainer(
            bench,
            """
            exec 0<&- 1>&- 2>&-; sleep 0.3; exec 0</dev/console 1>/dev/console 2>&1
            echo back; read x; echo got $x
            """,
            .terminal(input: .open)
        )
        let first = try await container.attach()
        try await first.until("back")
        first.connection.close()
        let second = try await container.attach()
        try await second.type("more\n")
        #expect(try await second.end() == 0)
        _ = try await container.running.wait()
        #expect(second.text.contains("got more"))
    }

    @Test("on a terminal without input nobody types")
    func noInput() async throws {
        let container = try await AttachedContainer(
            bench,
            """
            trap 'exit 5' TERM; test -t 0 && echo yes; (read x < /dev/console; echo heard) &
            while :; do sleep 0.05; done
            """,
            .terminal(input: .none)
        )
        let client = try await container.attach()
        try await client.type("hello\n")
        let deadline = ContinuousClock.now + .seconds(20)
        while try bench.entries(container.running).isEmpty, ContinuousClock.now < deadline {}
        try await client.send(.signal(SIGTERM))
        #expect(try await client.end() == 5)
        _ = try await container.running.wait()
        #expect(try bench.entries(container.running).map(\.log).joined() == "yes\r\n")
    }

    @Test("a hostile /dev of the image has no part in the terminal")
    func hostileImage() async throws {
        try makeDirectories(bench.layer.appending("dev/pts"))
        for name in ["console", "ptmx", "pts/ptmx", "pts/0"] {
            let path = bench.layer.appending("dev/\(name)").string
            try #require(symlink("/etc/passwd", path) == 0)
        }
        let container = try await AttachedContainer(
            bench,
            "stat -c %F /dev/console /dev/pts/0; cat /etc/passwd | wc -l",
            .terminal(input: .open)
        )
        let record = try await container.running.wait()
        #expect(record.code == 0)
        let text = try bench.entries(container.running).map(\.log).joined()
        #expect(text == "character special file\r\ncharacter special file\r\n2\r\n")
    }
}

@Suite(
    "terminals of executed processes",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct ExecTerminalTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func container(
        _ change: (inout ContainerSpec) -> Void = { _ in }
    ) async throws -> AttachedContainer {
        try await AttachedContainer(bench, "exec sleep 1000", nil, change: change)
    }

    @Test("it has a terminal of the container with the size of ours", arguments: ["", "web"])
    func terminal(user: String) async throws {
        let container = try await container()
        let (process, person) = try await container.exec(
            """
            stty size; for n in 0 1 2; do readlink /proc/$$/fd/$n; done
            echo $TERM > /dev/tty; ls /proc/self/fd | wc -l
            """,
            size: TerminalSize(rows: 40, columns: 132),
            user: user
        )
        #expect(try await process.wait() == 0)
        #expect(try await person.end() == 0)
        let place = String(repeating: "/dev/pts/0\r\n", count: 3)
        // The streams, and the folder that is listed.
        #expect(person.text == "40 132\r\n\(place)xterm\r\n4\r\n")
        try await container.end()
    }

    @Test("every exit code arrives")
    func codes() async throws {
        let container = try await container()
        for code: Int32 in 0...255 {
            let (process, person) = try await container.exec("exit \(code)")
            #expect(try await person.end() == code)
            #expect(try await process.wait() == code)
        }
        try await container.end()
    }

    @Test("all that it writes last is seen, and only then its end")
    func lastWords() async throws {
        let container = try await container()
        let (process, person) = try await container.exec("seq 20000; exit 9")
        #expect(try await person.end() == 9)
        #expect(person.text == (1...20000).map { "\($0)\r\n" }.joined())
        #expect(try await process.wait() == 9)
        try await container.end()
    }

    @Test("a terminal in raw mode takes every byte")
    func binary() async throws {
        let container = try await container()
        let (process, person) = try await container.exec(
            "stty raw -echo; echo ready; head -c 256 | od -An -v -tu1 -w256"
        )
        try await person.until("ready")
        try await person.send(.input((0...255).map { UInt8($0) }))
        #expect(try await person.end() == 0)
        let line = (0...255).map { String(repeating: " ", count: 4 - "\($0)".count) + "\($0)" }
        #expect(person.text.contains(line.joined()))
        #expect(try await process.wait() == 0)
        try await container.end()
    }

    @Test("detached, it goes on without us; otherwise it ends with us")
    func detach() async throws {
        let container = try await container()
        let (kept, person) = try await container.exec("echo up; sleep 55; sleep 56")
        try await person.until("up")
        #expect(try await kept.detach())
        let pid = kept.pid
        #expect(kill(pid, 0) == 0)
        let (other, watcher) = try await container.exec("echo up; sleep 57")
        try await watcher.until("up")
        await other.kill()
        #expect(try await other.wait() == 137)
        #expect(kill(pid, 0) == 0)
        try await container.end()
    }

    @Test("a place of terminals that the container has covered is refused", arguments: [0, 1])
    func covered(kind: Int) async throws {
        let container = try await container {
            $0.security.capabilities = ($0.security.capabilities + ["CAP_SYS_ADMIN"]).sorted()
            $0.security.seccomp = .unconfined
        }
        // What a privileged container could do to its own /dev.
        let cover =
            kind == 0
            ? "mount -t tmpfs x /dev/pts && touch /dev/pts/ptmx"
            : "mount --bind /etc/passwd /dev/pts/ptmx"
        var process = ProcessSpec(arguments: ["/bin/sh", "-c", cover])
        process.user = ""
        let covering = try await bench.runtime.exec(
            process,
            in: container.running,
            of: container.spec,
            stdio: ExecStdio()
        )
        try #require(try await covering.wait() == 0)
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await container.exec("true")
        }
        #expect(error?.message.hasPrefix("cannot make a terminal") == true)
        try await container.end()
    }
}
