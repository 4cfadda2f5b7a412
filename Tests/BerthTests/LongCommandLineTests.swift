import ArgumentParser
import Testing

@testable import berth

@Suite("very long command lines")
struct LongCommandLineTests {
    @Test(
        "have every word, and the flags before them",
        arguments: [
            (["docker", "exec"], ["-e", "A=b", "--workdir=/", "-i", "web", "echo", "-n"]),
            (["docker", "run"], ["--name", "x", "--rm", "-e=A=b", "web", "echo", "-n"]),
            (["docker", "create"], ["web", "echo", "-n"]), (["exec"], ["-T", "web", "echo", "-n"]),
            (["run"], ["--rm", "web", "echo", "-n"]),
        ]
    )
    func words(command: [String], start: [String]) throws {
        let many = (0..<20_000).map { "word \($0)" }
        let isDockers = command[0] == "docker"
        let line = command.dropFirst(isDockers ? 1 : 0) + start + many
        let started = ContinuousClock.now
        let root: any ParsableCommand.Type = isDockers ? Docker.self : Berth.self
        let parsed = DirectParse.command(Array(line), below: root)
        let passing = try #require(parsed as? any PassThroughCommand)
        #expect(passing.passedOn == ["echo", "-n"] + many)
        // The parser alone takes minutes for them.
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test("one with a flag that is not known is left to the parser")
    func unknown() {
        let line = ["exec", "--nothing", "web"] + Array(repeating: "x", count: 300)
        let rest = LongCommandLine(line.dropFirst()[...], of: ContainerGroup.Exec.self)
        #expect(rest.head.count == line.count - 1)
    }
}
