import Foundation
import Glibc
import Linux
import TestTerminal
import TestSupport
import Testing

/// `exec` and `attach` as a person at a terminal has them, and as a script does.
@Suite("root: terminals of containers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct ExecTerminalTests {
    private static let project = """
        services:
          idle: {image: box, init: true, command: [sleep, "1000"]}
          shell: {image: box, tty: true, stdin_open: true, stop_grace_period: 0s,
            command: [sh, -c, "trap 'stty size' WINCH; while :; do if read x; then
              echo got $$x; test $$x = end && exit 4; fi; done"]}
          reader: {image: box, stdin_open: true, stop_grace_period: 0s,
            command: [sh, -c, "while read x; do echo got $$x; test $$x = end && exit 7; done"]}
          deaf: {image: box, stop_grace_period: 0s,
            command: [sh, -c, "trap 'echo term; exit 9' TERM; echo up; while :; do sleep 0.1; done"]}
          stubborn: {image: box, stop_grace_period: 0s,
            command: [sh, -c, "trap '' HUP; while :; do echo up; sleep 0.1; done"]}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh cat sleep stty tty test ls head wc sha256sum kill true tr",
                preparing: "mkdir -p base/tmp"
            )
            try machine.write(Self.project)
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            try await body(machine)
        }
    }

    private func terminal(
        _ script: String,
        on machine: TestMachine,
        columns: Int = 100,
        rows: Int = 30
    ) throws -> TerminalProgram {
        try TerminalProgram(
            ["/bin/sh", "-c", "berth=\(TestMachine.berth); \(script)"],
            on: machine,
            columns: columns,
            rows: rows
        )
    }

    @Test("a shell has a terminal of its size, and ours is afterwards as before")
    func shell() async throws {
        try await with { machine in
            let program = try terminal(
                "stty -g > before; $berth exec idle sh; echo code $?; stty -g > after; cmp before after",
                on: machine
            )
            try await program.until("a prompt") { $0.lines.last?.hasSuffix("#") == true }
            try await program.type("tty; stty size; echo $TERM\r")
            try await program.until("its terminal") { $0.lines.contains("/dev/pts/0") }
            try await program.until("its size") { $0.lines.contains("30 100") }
            try await program.until("its kind") { $0.lines.contains("xterm") }
            try program.resize(columns: 120, rows: 40)
            try await program.type(
                "until test \"$(stty size)\" = '40 120'; do sleep 0.05; done; echo wide\r"
            )
            try await program.until("the new size") { $0.lines.contains("wide") }
            // Ctrl-C is the shell's, and ends nothing.
            try await program.type("\u{3}")
            try await program.until("a new prompt") { Self.isPrompt($0, after: "^C") }
            try await program.type("(exit 42)\r")
            try await program.until("a new prompt") { Self.isPrompt($0, after: "(exit 42)") }
            try await program.type("\u{4}")
            try await program.until("its code") { $0.lines.contains("code 42") }
            #expect(try await program.end() == 0)
        }
    }

    /// Whether the shell waits below a line that ends so.
    private static func isPrompt(_ terminal: EmulatedTerminal, after end: String) -> Bool {
        let lines = terminal.lines.suffix(2)
        return lines.count == 2 && lines.first?.hasSuffix(end) == true && lines.last == "/ #"
    }

    @Test("the keys that detach leave the command running, and -d starts it so")
    func detach() async throws {
        try await with { machine in
            let program = try terminal(
                "$berth exec idle sh -c 'echo up; sleep 51'; echo code $?",
                on: machine
            )
            try await program.until("its start") { $0.lines.contains("up") }
            try await program.type("\u{10}\u{11}")
            try await program.until("the end") { $0.lines.contains("code 1") }
            #expect(program.text.contains("read escape sequence"))
            let detached = try await machine.berth("exec", "-d", "idle", "sleep", "52")
            #expect(detached.status == 0)
            for seconds in [51, 52] {
                #expect(try await processes("sleep \(seconds)", on: machine) == 1)
            }
        }
    }

    @Test("a client that is killed takes its command with it", arguments: [SIGKILL, SIGTERM])
    func killedClient(signal: Int32) async throws {
        try await with { machine in
            let program = try terminal(
                """
                stty -g > before; $berth exec idle sh -c 'echo up; sleep 53' & echo $! > pid
                wait $!; stty -g > after; cmp before after && echo as before
                """.replacing(" & echo", with: " < /dev/tty & echo"),
                on: machine
            )
            try await program.until("its start") { $0.lines.contains("up") }
            let pid = try await machine.run(["/bin/cat", "pid"]).out
            let client = try #require(Int32(pid.filter(\.isNumber)))
            #expect(kill(client, signal) == 0)
            try await machine.until("its end") {
                try await processes("sleep 53", on: machine) == 0
            }
            if signal != SIGKILL {
                try await program.until("our terminal") { $0.lines.contains("as before") }
            }
            _ = try await program.end()
        }
    }

    @Test("attach shows and types, detaches and attaches again")
    func attach() async throws {
        try await with { machine in
            let first = try terminal(
                "stty -g > before; $berth attach shell; echo code $?; stty -g > after; cmp before after",
                on: machine
            )
            // Attaching changes the size twice: then it is known that we are there.
            try await first.until("its size") { $0.lines.contains("30 100") }
            try await first.type("one\r")
            try await first.until("an answer") { $0.lines.contains("got one") }
            let second = try terminal(
                "$berth attach --detach-keys x,y shell; echo code $?",
                on: machine
            )
            try await second.until("its size") { $0.lines.contains("30 100") }
            try await second.type("two\r")
            for program in [first, second] {
                try await program.until("an answer") { $0.lines.contains("got two") }
            }
            try await first.type("\u{10}\u{11}")
            try await first.until("the end") { $0.lines.contains("code 1") }
            #expect(try await first.end() == 0)
            try await second.type("x\u{10}y\r")
            try await second.until("an answer") { $0.lines.contains { $0.hasPrefix("got x") } }
            try await second.type("end\r")
            try await second.until("its code") { $0.lines.contains("code 4") }
            #expect(try await second.end() == 0)
            let log = try await machine.berth("logs", "--no-log-prefix", "shell")
            #expect(log.out.contains("got one") && log.out.contains("got two"))
        }
    }

    @Test("a script attaches with a pipe, and gets the program's code")
    func pipes() async throws {
        try await with { machine in
            let script = """
                berth=\(TestMachine.berth)
                { echo a; echo end; sleep 2; } | $berth attach reader; echo $?
                echo hi | $berth exec idle cat; echo hi | $berth exec -it idle cat
                echo hi | $berth attach shell 2>&1; echo $?
                $berth attach nothing 2>&1; echo $?
                $berth attach reader 2>&1 < /dev/null; echo $?
                """
            let run = try await machine.run(["/bin/sh", "-c", script])
            #expect(
                run.out == """
                    got a
                    got end
                    7
                    hi
                    hi
                    the input device is not a TTY; --no-stdin attaches without input
                    1
                    no such service: nothing
                    1
                    service "reader" is not running
                    1

                    """,
                "\(run.err)"
            )
        }
    }

    @Test("signals go to a program without a terminal, unless they are not to")
    func signals() async throws {
        try await with { machine in
            let script = """
                berth=\(TestMachine.berth)
                $berth attach --sig-proxy=false deaf & first=$!
                $berth attach deaf > out & second=$!
                sleep 1; kill $first; wait $first; echo $?
                kill $second; wait $second; echo $?; cat out
                """
            let run = try await machine.run(["/bin/sh", "-c", script])
            #expect(run.out == "143\n9\nterm\n", "\(run.err)")
        }
    }

    /// BERTH_TEST_EXEC_MEGABYTES says how much; 1024 is the whole.
    @Test("in the background exec stops as every job does, and goes on in the foreground")
    func job() async throws {
        try await with { machine in
            let program = try terminal(
                "set -m; $berth exec idle sh & until jobs > jobs && grep -q Stopped jobs; do sleep 0.05; done; "
                    + "echo it stopped; fg; echo code $?; stty -a | grep -o ' icanon'",
                on: machine
            )
            try await program.until("it stops") { $0.lines.contains("it stopped") }
            try await program.until("a prompt") { $0.lines.last?.hasSuffix("#") == true }
            try await program.type("echo a''live; exit 5\r")
            try await program.until("it goes on") { $0.lines.contains("alive") }
            try await program.until("its code") { $0.lines.contains("code 5") }
            try await program.until("the usual mode") { $0.lines.contains(" icanon") }
            #expect(try await program.end() == 0)
        }
    }

    @Test("what is read in the background is not the end of the input")
    func inputInBackground() async throws {
        try await with { machine in
            let program = try terminal(
                "set -m; $berth exec -T idle cat & echo ready; "
                    + "until jobs > jobs && grep -q Stopped jobs; do sleep 0.05; done; echo it stopped; fg; "
                    + "echo code $?",
                on: machine
            )
            try await program.until("it is asked for input") { $0.lines.contains("ready") }
            try await program.type("one\r")
            try await program.until("it stops") { $0.lines.contains("it stopped") }
            try await program.type("two\r")
            // Typed, and once more from cat.
            try await program.until("both lines") { terminal in
                terminal.lines.count { $0 == "two" } == 2 && terminal.lines.contains("one")
            }
            try await program.type("\u{4}")
            try await program.until("its code") { $0.lines.contains("code 0") }
            #expect(try await program.end() == 0)
        }
    }

    @Test("a client whose terminal is closed ends, whatever the program makes of its signal")
    func hangUp() async throws {
        try await with { machine in
            let file = machine.folder.appending(path: "client").path()
            let program = try terminal(
                "trap : HUP; $berth attach stubborn & echo $! > \(file); wait; wait",
                on: machine
            )
            try await program.until("what it writes") { $0.lines.contains("up") }
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            let client = try ProcessFD(opening: pid)
            program.hangUp()
            #expect(client.waitForExit(atMost: .seconds(20)))
            let state = try await machine.berth("ps", "-q", "stubborn")
            #expect(state.lines.count == 1)
            _ = try await program.end()
        }
    }

    @Test("who attaches again with the same size sees the prompt")
    func redraw() async throws {
        try await with { machine in
            for _ in 0..<2 {
                let program = try terminal("$berth attach shell; echo code $?", on: machine)
                try await program.until("what is drawn anew") { $0.lines.contains("30 100") }
                try await program.type("\u{10}\u{11}")
                try await program.until("it detaches") { $0.lines.contains("code 1") }
                #expect(try await program.end() == 0)
            }
        }
    }

    @Test("much goes through exec -i unchanged")
    func much() async throws {
        let size = ProcessInfo.processInfo.environment["BERTH_TEST_EXEC_MEGABYTES"] ?? "200"
        try await with { machine in
            let script = """
                berth=\(TestMachine.berth)
                head -c 1000000 /dev/urandom > part
                many() { n=0; while [ $n -lt \(size) ]; do cat part; n=$((n+1)); done; }
                many | sha256sum; many | $berth exec -i idle cat | sha256sum
                many | $berth exec -i idle sha256sum
                """
            let run = try await machine.run(["/bin/sh", "-c", script])
            #expect(run.lines.count == 3 && Set(run.lines).count == 1, "\(run.out)\(run.err)")
        }
    }

    /// How many processes of the service `idle` have this command line.
    private func processes(_ command: String, on machine: TestMachine) async throws -> Int {
        let look = """
            n=0; for f in /proc/[0-9]*/cmdline; do
            test "$(cat $f | tr '\\0' ' ')" = '\(command) ' && n=$((n+1)); done; echo $n
            """
        let run = try await machine.berth("exec", "-T", "idle", "sh", "-c", look)
        return Int(run.out.split(separator: "\n").last ?? "") ?? -1
    }
}
