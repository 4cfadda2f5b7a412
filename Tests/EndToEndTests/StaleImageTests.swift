import Foundation
import Testing
import TestSupport

/// `up` builds again what is not built of what there is now, and says why.
@Suite("root: stale images", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct StaleImageTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sleep cat")
            try machine.write("FROM box\nARG N=1\nCOPY src /src\nLABEL n=$N\n", to: "Dockerfile")
            try machine.write("log\n/root\n/run\n", to: ".dockerignore")
            try machine.write("one", to: "src/app")
            try machine.write("one", to: "README")
            try machine.write(Self.file())
            try await up(machine)
            try await body(machine)
        }
    }

    private static func file(_ build: String = "", _ service: String = "") -> String {
        """
        services:
          web:
            build: {context: .\(build)}
            command: sleep 1000
            stop_signal: SIGKILL
            \(service)
        """
    }

    private func up(_ machine: TestMachine, _ flags: String...) async throws {
        let up = try await machine.run([TestMachine.berth, "up", "-d"] + flags)
        try #require(up.status == 0, "\(up.err)")
    }

    private func id(_ machine: TestMachine) async throws -> [String] {
        try await machine.berth("ps", "-q").lines
    }

    private func plan(_ machine: TestMachine, _ words: String...) async throws -> String {
        let plan = try await machine.run([TestMachine.berth, "plan"] + words)
        try #require(plan.status == 0, "\(plan.err)")
        return plan.out
    }

    @Test("a file that is copied: the image is built and the container recreated; told before")
    func changed() async throws {
        try await with { machine in
            let first = try await id(machine)
            #expect(try await plan(machine).contains("nothing to do"))
            try machine.write("two", to: "src/app")
            #expect(try await plan(machine).contains("web: build: src/app changed"))
            #expect(try await plan(machine, "--format", "json").contains("build: src/app changed"))
            let dry = try await machine.berth("--dry-run", "up", "-d")
            #expect(dry.out.contains("web: build: src/app changed"), "\(dry.out)\(dry.err)")
            #expect(try await id(machine) == first)
            try await up(machine)
            #expect(try await id(machine) != first)
            let read = try await machine.berth("exec", "-T", "web", "cat", "/src/app")
            #expect(read.out == "two")
            #expect(try await plan(machine).contains("nothing to do"))
        }
    }

    @Test("touched, and still the same: built from the cache, nothing recreated, up to date again")
    func touched() async throws {
        try await with { machine in
            let first = try await id(machine)
            try machine.write("one", to: "src/app")
            #expect(try await plan(machine).contains("web: build: src/app changed"))
            try await up(machine)
            #expect(try await id(machine) == first)
            #expect(try await plan(machine).contains("nothing to do"))
        }
    }

    @Test("what no step reads does not count, what comes into a folder that is copied does")
    func unread() async throws {
        try await with { machine in
            try machine.write("two", to: "README")
            try machine.write("two", to: "log")
            #expect(try await plan(machine).contains("nothing to do"))
            try machine.write("new", to: "src/new/file")
            #expect(try await plan(machine).contains("web: build: src/new added"))
        }
    }

    @Test(
        "the Dockerfile, arguments, tags",
        arguments: [("args: {N: 2}", "args.N added"), ("tags: [other]", "tags added")]
    )
    func options(build: String, reason: String) async throws {
        try await with { machine in
            try machine.write(Self.file(", \(build)"))
            #expect(try await plan(machine).contains("web: build: \(reason)"))
            try machine.write("FROM box\nCOPY src /other\n", to: "Dockerfile")
            #expect(try await plan(machine).contains("Dockerfile changed"))
            try await up(machine)
            #expect(try await plan(machine).contains("nothing to do"))
        }
    }

    @Test("an image that it is built upon has changed")
    func base() async throws {
        try await with { machine in
            try machine.write("FROM box\nLABEL a=b\n", to: "other/Dockerfile")
            let build = try await machine.berth("image", "build", "-q", "-t", "box", "other")
            try #require(build.status == 0, "\(build.err)")
            #expect(try await plan(machine).contains("image docker.io/library/box:latest changed"))
        }
    }

    @Test(
        "who says when images are built is heard",
        arguments: [["--no-build"], ["--pull", "missing"]]
    )
    func told(flags: [String]) async throws {
        try await with { machine in
            let first = try await id(machine)
            try machine.write("two", to: "src/app")
            #expect(try await machine.run([TestMachine.berth, "up", "-d"] + flags).status == 0)
            #expect(try await id(machine) == first)
            try machine.write(Self.file("", "pull_policy: missing"))
            #expect(try await plan(machine).contains("nothing to do"))
        }
    }

    @Test("an image that came from elsewhere is not stale")
    func foreign() async throws {
        try await with { machine in
            let tag = try await machine.berth("image", "tag", "box", "\(machine.project)-web")
            try #require(tag.status == 0, "\(tag.err)")
            try machine.write("two", to: "src/app")
            #expect(try await !plan(machine).contains("build"))
        }
    }
}
