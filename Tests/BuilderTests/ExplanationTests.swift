import TestSupport
import Testing

@testable import Builder

@Suite("why steps are carried out")
struct StepFactsTests {
    @Test("changes are named, files first, and the rest of many counted")
    func changes() {
        var before = StepFacts()
        before.note("its command", ["a"])
        before.note(variables: ["A=1", "B=2"])
        before.note(
            files: ["a": "1", "b": "1", "c": "1", "d": "1", "e": "1"],
            content: ["1"]
        )
        #expect(before.changes(since: before).isEmpty)
        var now = StepFacts()
        now.note("its command", ["a"])
        now.note(variables: ["A=2", "C=2"])
        now.note(
            files: ["a": "2", "b": "1", "c": "2", "d": "2", "f": "1"],
            content: ["2"]
        )
        #expect(
            now.changes(since: before) == [
                "a changed", "c changed", "d changed", "2 more files changed",
                "the variable A changed", "the variable B is gone", "the variable C is new",
            ]
        )
        now.note(files: nil, content: ["2"])
        #expect(now.changes(since: before).first == "its files changed")
        before.note(files: nil, content: ["2"])
        #expect(now.changes(since: before).first == "the variable A changed")
    }
}

@Suite("root: build --explain", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct ExplanationTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    private func reasons(
        _ text: String,
        _ value: String,
        noCache: Bool = false
    ) async throws -> [String] {
        let outcome = try await bench.build(text) {
            $0.explains = true
            $0.arguments = ["V": value]
            $0.ignoresCache = noCache
        }
        return outcome.events.compactMap {
            if case .explained(_, let reason) = $0 { reason } else { nil }
        }
    }

    @Test("several COPY of one stage that did not change say so")
    func sameStage() async throws {
        try bench.write("1", to: "a")
        let text = """
            FROM scratch AS s
            COPY a /a
            FROM scratch
            COPY --from=s /a /x
            COPY --from=s /a /y

            """
        _ = try await reasons(text, "1")
        let same = "COPY: nothing changed"
        #expect(try await reasons(text, "1") == [same, same, same])
        #expect(try await reasons(text, "1") == [same, same, same])
        try bench.write("2", to: "a")
        let changed = "COPY: a changed"
        #expect(
            try await reasons(text, "1") == [
                changed, "\(changed), what it copies from changed",
                "\(changed), what it builds upon changed, what it copies from changed",
            ]
        )
    }

    @Test("each step says what changed since the build before")
    func steps() async throws {
        try bench.write("1", to: "src/app.py")
        try bench.write("1", to: "src/gone")
        let text = "FROM scratch\nARG V\nCOPY src /src\nWORKDIR /w/$V\n"
        let new = "no build had this step before"
        #expect(try await reasons(text, "1") == ["COPY: \(new)", "WORKDIR: \(new)"])
        let same = "nothing changed"
        #expect(try await reasons(text, "1") == ["COPY: \(same)", "WORKDIR: \(same)"])
        #expect(try await reasons(text, "2") == ["COPY: \(same)", "WORKDIR: its path changed"])
        try bench.write("2", to: "src/app.py")
        #expect(
            try await reasons(text, "2") == [
                "COPY: src/app.py changed", "WORKDIR: what it builds upon changed",
            ]
        )
        let refused = "the cache is not used (--no-cache)"
        #expect(
            try await reasons(text, "2", noCache: true) == [
                "COPY: \(refused)", "WORKDIR: \(refused)",
            ]
        )
    }
}
