import Testing

@testable import Builder

@Suite("Texts of a build")
struct TextTests {
    @Test(
        "modes are read as chmod reads them",
        arguments: [
            ("0755", 0o644, false, 0o755), ("644", 0o755, false, 0o644),
            ("u+x", 0o644, false, 0o744), ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o600, true, 0o755), ("a-w", 0o666, false, 0o444),
            ("+x", 0o600, false, 0o711), ("go=", 0o777, false, 0o700),
            ("u+s,g+s", 0o755, false, 0o6755), ("+t", 0o777, true, 0o1777),
            ("u+r-w", 0o200, false, 0o400),
        ] as [(String, UInt32, Bool, UInt32)]
    )
    func modes(text: String, mode: UInt32, isFolder: Bool, expected: UInt32) throws {
        let parsed = try #require(FileMode(text))
        #expect(parsed.applied(to: mode, isFolder: isFolder) == expected)
    }

    @Test(
        "what chmod refuses is no mode",
        arguments: ["", "x", "99", "08", "u", "u+q", "u+x,", "07777"]
    )
    func notModes(text: String) {
        #expect(FileMode(text) == nil)
    }

    @Test("a health check is in the history as Go prints it")
    func healthcheck() {
        var check = HealthcheckInstruction(test: ["CMD-SHELL", "curl \"x\""])
        check.interval = .seconds(5)
        check.retries = 3
        #expect(
            HistoryText.healthcheck(check)
                == #"HEALTHCHECK &{["CMD-SHELL" "curl \"x\""] "5s" "0s" "0s" "0s" '\x03'}"#
        )
    }

    @Test("output is cut into lines, whatever pieces it comes in")
    func outputLines() {
        var lines = OutputLines()
        #expect(lines.add(Array("a".utf8)) == [])
        #expect(lines.add(Array("b\r\nc\n\n".utf8)) == ["ab", "c", ""])
        #expect(lines.add(Array("end".utf8)) == [])
        #expect(lines.finish() == ["end"])
        #expect(lines.finish() == [])
        #expect(lines.add([UInt8](repeating: 120, count: 40_000)).map(\.count) == [16384, 16384])
    }

    @Test("events become BuildKit's plain lines")
    func plainProgress() {
        let text = BuildProgressText()
        let step = BuildStep(number: 1, title: "[web 2/3] RUN make")
        let begun = ContinuousClock.now
        func lines(_ event: BuildEvent, after pause: Duration = .zero) -> [String] {
            text.lines(for: event, of: "web", at: begun + pause)
        }
        #expect(lines(.started(step)) == ["#1 [web 2/3] RUN make"])
        #expect(lines(.output(step, "hello"), after: .milliseconds(1312)) == ["#1 1.312 hello"])
        #expect(lines(.finished(step, .milliseconds(1250))) == ["#1 DONE 1.2s"])
        #expect(lines(.cached(step)) == ["#1 CACHED"])
        #expect(lines(.failed(step, "no")) == ["#1 ERROR: no"])
        #expect(lines(.warning("no")) == ["WARNING: web: no"])
    }

    @Test("a number is one step of one build, also where several run at once")
    func numbersOfSeveralBuilds() {
        let text = BuildProgressText()
        let begun = ContinuousClock.now
        var shown: [String] = []
        func note(_ event: BuildEvent, of build: String) {
            shown += text.lines(for: event, of: build, at: begun)
        }
        for build in ["one", "two"] {
            note(.started(BuildStep(number: 1, title: "[\(build) 1/2] FROM base")), of: build)
        }
        note(.started(BuildStep(number: 2, title: "[two 2/2] RUN make")), of: "two")
        for build in ["one", "two"] {
            note(.output(BuildStep(number: 1, title: ""), "hello from \(build)"), of: build)
        }
        note(.finished(BuildStep(number: 2, title: ""), .zero), of: "two")
        #expect(
            shown == [
                "#1 [one 1/2] FROM base", "#2 [two 1/2] FROM base", "#3 [two 2/2] RUN make",
                "#1 0.000 hello from one", "#2 0.000 hello from two", "#3 DONE 0.0s",
            ]
        )
    }

    @Test(
        "paths are cleaned as Go cleans them",
        arguments: [
            ("./a//b/../c", "a/c"), ("/../a/", "/a"), ("", "."), ("..", ".."), ("a/../..", ".."),
        ]
    )
    func paths(path: String, cleaned: String) {
        #expect(PathText.clean(path) == cleaned)
    }
}

@Suite("Variables of a stage")
struct StageScopeTests {
    private func scope(_ given: [String: String] = [:]) -> StageScope {
        StageScope(escape: "\\", given: given, predefined: ["TARGETOS": "linux"])
    }

    @Test("ENV wins over ARG, the command line over defaults")
    func precedence() throws {
        var scope = scope(["A": "given"]).stageScope
        try scope.declare(ArgumentDeclaration(name: "A", value: "default"))
        try scope.declare(ArgumentDeclaration(name: "B", value: "\"$A\"-b"))
        #expect(try scope.word("$A $B") == "given given-b")
        try scope.set([.init(name: "A", value: "env")])
        #expect(try scope.word("$A") == "env")
        #expect(scope.visibleArguments.map(\.name) == ["B"])
    }

    @Test("global arguments need a declaration in a stage, platform arguments too")
    func globals() throws {
        var globals = scope()
        globals.isGlobal = true
        try globals.declare(ArgumentDeclaration(name: "V", value: "1"))
        #expect(try globals.word("$V-$TARGETOS") == "1-linux")
        var stage = globals.stageScope
        #expect(try stage.word("$V-$TARGETOS") == "-")
        try stage.declare(ArgumentDeclaration(name: "V", value: nil))
        try stage.declare(ArgumentDeclaration(name: "TARGETOS", value: nil))
        #expect(try stage.word("$V-$TARGETOS") == "1-linux")
    }

    @Test("all values of an ENV see what was before it")
    func simultaneous() throws {
        var scope = scope().stageScope
        try scope.set([.init(name: "abc", value: "hello")])
        try scope.set([.init(name: "abc", value: "bye"), .init(name: "def", value: "$abc")])
        #expect(scope.environment == ["abc=bye", "def=hello"])
    }
}
