import TestSupport
import TestTerminal
import Testing

/// `build --on-error=shell` as a person at a terminal has it.
@Suite(
    "root: looking around in a failed step",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct FailureVisitTests {
    private static let dockerfile = """
        FROM box
        WORKDIR /work
        ENV KEPT=variable
        USER 7
        RUN --mount=type=tmpfs,target=/mounted --mount=type=secret,id=s,mode=0444 \
            echo made > /tmp/made; exit 5

        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh cat echo pwd id sleep stty mkdir touch",
                preparing: "mkdir -p base/tmp; chmod 1777 base/tmp"
            )
            try machine.write(Self.dockerfile, to: "app/Dockerfile")
            try machine.write("geheim", to: "secret")
            try await body(machine)
        }
    }

    private func build(_ words: String, on machine: TestMachine) throws -> TerminalProgram {
        try TerminalProgram(
            ["/bin/sh", "-c", "\(TestMachine.berth) \(words); echo code $?"],
            on: machine,
            columns: 160,
            rows: 50
        )
    }

    @Test("a shell has what the step had and what it left, and ends the build")
    func shell() async throws {
        try await with { machine in
            let program = try build(
                "image build --on-error=shell --secret id=s,src=secret -t app app",
                on: machine
            )
            try await program.until("a prompt") { $0.lines.last?.hasSuffix("$") == true }
            #expect(program.text.contains("this is a shell in its container"))
            try await program.type(
                "echo in $(pwd) $KEPT $(id -u) $(cat /tmp/made) $(cat /run/secrets/s)\r"
            )
            try await program.until("what the step had") {
                $0.lines.contains("in /work variable 7 made geheim")
            }
            try await program.type("touch /mounted/x && echo mounted $?\r")
            try await program.until("its mounts") { $0.lines.contains("mounted 0") }
            try await program.type("exit 9\r")
            try await program.until("the end") { $0.lines.contains("code 1") }
            _ = try await program.end()
            #expect(program.text.contains("exit code: 5"), "\(program.text)")
            #expect(!program.text.contains("add --on-error=shell"))
            let images = try await machine.berth("image", "ls", "--format", "{{.Repository}}")
            #expect(images.lines == ["box"])
        }
    }

    @Test("the error tells how to get there, on a terminal alone; without one the flag is refused")
    func hint() async throws {
        try await with { machine in
            let program = try build("image build --secret id=s,src=secret app", on: machine)
            try await program.until("the end") { $0.lines.contains("code 1") }
            _ = try await program.end()
            #expect(program.text.contains("add --on-error=shell to look around in this step"))
            let piped = try await machine.berth(
                "image",
                "build",
                "--secret",
                "id=s,src=secret",
                "app"
            )
            #expect(piped.status == 1 && !piped.err.contains("--on-error"), "\(piped.err)")
            let refused = try await machine.berth("image", "build", "--on-error=shell", "app")
            #expect(refused.status == 1 && refused.err.contains("a shell needs a terminal"))
            let other = try await machine.berth("image", "build", "--on-error=ask", "app")
            #expect(other.status == 1 && other.err.contains("--on-error ask: it can be shell"))
        }
    }

    @Test("a step without a shell fails as it did")
    func none() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("false")
            try machine.write("FROM box\nRUN [\"/bin/false\"]\n", to: "app/Dockerfile")
            let program = try build("image build --on-error=shell app", on: machine)
            try await program.until("the end") { $0.lines.contains("code 1") }
            _ = try await program.end()
            #expect(program.text.contains("no shell in this step: "), "\(program.text)")
            #expect(program.text.contains("exit code: 1"))
        }
    }
}
