import Foundation
import Testing
import TestSupport

/// What `exec` hands into a container of the caller's streams: bytes, and nothing else.
@Suite("root: exec streams", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct ExecStreamTests {

    /// Runs a script of the host beside a service `app`; `$berth` and `$exec` are commands.
    private func run(_ script: String) async throws -> TestMachine.Output {
        var output = TestMachine.Output(status: -1, out: "", err: "")
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh cat sleep stat wc seq head true",
                as: "base:1",
                change: "CMD [\"sleep\", \"1000\"]",
                preparing: "mkdir base/tmp"
            )
            try machine.write(
                """
                services:
                  app: {image: base:1, environment: {OURS: x, FILE: x, GONE: x, KEPT: kept}}

                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let whole = "berth='\(TestMachine.berth)'; exec=\"$berth exec -T app\"; \(script)"
            output = try await machine.run(["/bin/bash", "-c", whole])
            try await machine.berth("down", "-t", "0")
        }
        return output
    }

    @Test("a file that is given can be read and not rewritten")
    func file() async throws {
        let run = try await run(
            """
            echo kept > f; $exec sh -c 'cat; echo no > /proc/self/fd/0; true' < f; cat f
            $exec sh -c 'for i in 0 1 2; do stat -L -c %F /proc/self/fd/$i; done' < f > out 2> err
            cat out
            """
        )
        #expect(run.out == "kept\nkept\n" + String(repeating: "fifo\n", count: 3), "\(run.err)")
    }

    @Test(
        "a folder is refused by name",
        arguments: [("<", "standard input"), ("1<", "standard output")]
    )
    func folder(redirection: String, name: String) async throws {
        let run = try await run("$exec true \(redirection) . 2> err; echo $?; cat err")
        let reason = "is a folder, which cannot be passed into a container"
        #expect(run.out == "1\n\(name) \(reason); give a file, or < /dev/null\n")
    }

    @Test("nothing is lost or changes places, large or small")
    func bytes() async throws {
        let run = try await run(
            """
            head -c 30000000 /dev/urandom > big
            $exec cat < big | cmp - big && echo same
            head -c 30000000 big | $exec cat > copy; cmp copy big && echo same
            echo first > log; $exec cat < big >> log; tail -c +7 log | cmp - big && echo same
            $exec sh -c 'for i in $(seq 500); do echo $i; echo $i >&2; done' > both 2>&1
            for i in $(seq 500); do echo $i; echo $i; done | cmp - both && echo ordered
            """
        )
        #expect(run.out == "same\nsame\nsame\nordered\n", "\(run.err)")
    }

    @Test("the program's own end is told whatever becomes of the streams")
    func ends() async throws {
        let run = try await run(
            """
            yes | $exec sh -c 'exit 7'; echo $?
            $exec sh -c 'while :; do echo x; done' | head -n 1
            $exec sh -c 'echo x' > /dev/full 2> err; echo $?; cat err
            $exec sh -c 'sleep 1000 & echo started'
            $exec true <&- ; echo $?
            """
        )
        #expect(
            run.out
                == "7\nx\n1\ncannot write to standard output: No space left on device\nstarted\n0\n"
        )
    }

    @Test("-e NAME takes our value, the project's .env beneath it, and else removes the variable")
    func variables() async throws {
        let run = try await run(
            """
            echo FILE=env > .env
            unset GONE FILE; OURS=mine $berth exec -T -e OURS -e FILE -e GONE -e NEW=1 app sh -c \
                'echo ${OURS-no} ${FILE-no} ${GONE-no} ${NEW-no} ${KEPT-no}'
            """
        )
        #expect(run.out == "mine env no 1 kept\n", "\(run.err)")
    }
}
