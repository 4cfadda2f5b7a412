import Compose
import ContainerRuntime
import OrderedCollections
import Testing
import TestSupport

@testable import Reconciler

/// Which changes of files mean what.
@Suite("watch rules")
struct WatchTests {
    private func project(_ rules: String, build: String = "", more: String = "") throws -> Project {
        let text = """
            services:
              web:
                image: web
                \(build)
                \(more)
                develop:
                  watch: [\(rules)]
            """
        return try ComposeLoader(files: MemoryFiles(["compose.yaml": text])).load(.test(.run))
            .project
    }

    @Test(
        "a rule is about what is below its path, but for what is ignored or not included",
        arguments: [
            ("/s/a.py", "", "/app/a.py"), ("/s/deep/a.py", "", "/app/deep/a.py"),
            ("/s", "", "/app"), ("/sx/a", "", nil), ("/other", "", nil),
            ("/s/a.log", "ignore: ['*.log']", nil),
            ("/s/d/a.log", "ignore: ['*.log']", "/app/d/a.log"),
            ("/s/d/a.log", "ignore: ['**/*.log']", nil),
            ("/s/keep.log", "ignore: ['*.log', '!keep.log']", "/app/keep.log"),
            ("/s/node_modules/x", "ignore: [node_modules/]", nil),
            ("/s/node_modules/x", "ignore: [/node_modules]", nil),
            ("/s/a.py", "include: ['*.py']", "/app/a.py"), ("/s/a.js", "include: ['*.py']", nil),
            ("/s/a.py", "include: ['*.py'], ignore: [a.py]", nil),
            ("/s/.git/HEAD", "", nil), ("/s/d/.git/HEAD", "", nil),
            ("/s/.gitignore", "", "/app/.gitignore"),
            ("/s/a~", "", nil), ("/s/d/.a.swp", "", nil), ("/s/4913", "", nil), ("/s/#a#", "", nil),
        ] as [(String, String, String?)]
    )
    func matches(path: String, rule: String, target: String?) throws {
        let rules = "{path: /s, action: sync, target: /app\(rule.isEmpty ? "" : ", " + rule)}"
        let plan = try WatchPlan(project(rules), services: [])
        let batch = WatchBatch([path], plan.triggers)
        let items = target.map { [FileSync.Item(path, to: $0)] } ?? []
        #expect(batch.copied["web"].map(Array.init) ?? [] == items)
    }

    @Test("the .dockerignore of the build counts, but not for a path that a rule names itself")
    func dockerignore() throws {
        let scratch = try Scratch()
        try scratch.write("*.md\nDockerfile\nvendor\n!vendor/ours\n", to: ".dockerignore")
        let top = "\(scratch.path)"
        let rules =
            "{path: \(top), action: sync, target: /app}, {path: \(top)/Dockerfile, action: rebuild}"
        let plan = try WatchPlan(project(rules, build: "build: \(top)"), services: [])
        let batch = WatchBatch(
            ["a.md", "a.py", "Dockerfile", "vendor/x", "vendor/ours/x"].map { "\(top)/\($0)" },
            plan.triggers
        )
        #expect(
            batch.copied["web"].map { $0.map(\.target) } == ["/app/a.py", "/app/vendor/ours/x"]
        )
        #expect(batch.rebuilt == ["web"])
        #expect(!plan.skips("\(top)/vendor"))
        try scratch.write("vendor\n", to: ".dockerignore")
        let other = try WatchPlan(project(rules, build: "build: \(top)"), services: [])
        #expect(other.skips("\(top)/vendor") && !other.skips("\(top)/src"))
    }

    @Test("each action follows once, however many files ask for it")
    func actions() throws {
        let rules = """
            {path: /r, action: rebuild}, {path: /s, action: restart},
            {path: /c, action: sync+restart, target: /c},
            {path: /x, action: sync+exec, target: /x, exec: {command: [e]}}
            """
        let plan = try WatchPlan(project(rules, build: "build: /b"), services: ["web"])
        let batch = WatchBatch(
            ["/r/1", "/r/2", "/s/1", "/c/1", "/c/2", "/x/1", "/x/2"],
            plan.triggers
        )
        #expect(batch.rebuilt == ["web"] && batch.restarted == ["web"])
        #expect(batch.executed["web"] == [3])
        #expect(batch.copied["web"]?.map(\.target) == ["/c/1", "/c/2", "/x/1", "/x/2"])
        #expect(WatchBatch(["/y"], plan.triggers).isEmpty)
    }

    @Test("what a service mounts is not copied into it, and something has to be left to watch")
    func mounted() throws {
        let mount = "volumes: ['/s:/app']"
        let rules = "{path: /s/sub, action: sync, target: /x}, {path: /s, action: restart}"
        let plan = try WatchPlan(project(rules, more: mount), services: [])
        #expect(plan.mounted == ["/s/sub"] && plan.paths == ["/s"])
        let only = try project("{path: /s, action: sync, target: /x}", more: mount)
        let error = #expect(throws: ReconcilerError.self) { try WatchPlan(only, services: []) }
        #expect(
            error?.description
                == "none of the selected services is configured for watch; "
                + "consider setting a 'develop' section"
        )
    }

    @Test("a rebuild of what is not built, and an exec without a command, have a place")
    func refused() throws {
        for (rule, reason) in [
            (
                "{path: /s, action: rebuild}",
                "can't watch service \"web\" with action rebuild without a build context"
            ),
            ("{path: /s, action: sync+exec, target: /x}", "\"sync+exec\" needs a command"),
        ] {
            let error = try #require(
                throws: ReconcilerError.self
            ) { try WatchPlan(project(rule), services: []) }
            #expect(error.problems.first?.reason == reason)
            #expect(error.problems.first?.path == "services.web.develop.watch[0].action")
        }
    }
}
