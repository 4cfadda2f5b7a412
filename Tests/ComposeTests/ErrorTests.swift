import Compose
import TestSupport
import Testing

/// What a wrong file gets: every problem, with its place and what to do.
@Suite("Errors")
struct ErrorTests {
    @Test("an unknown key is named with the nearest one")
    func unknownKey() {
        let text = """
            services:
              web:
                image: nginx
                prots: ["80:80"]
            """
        #expect(
            problems(text)
                == "compose.yaml:4:5: services.web: unknown key \"prots\"; did you mean \"ports\"?"
        )
    }

    @Test("all problems are told at once, in reading order")
    func allProblems() {
        let text = """
            services:
              web:
                image: 80
                ports: ["a:b", "80:70000"]
                restart: allways
                volumes: ["data:/data"]
              db:
                depends_on: [wbe]
            """
        #expect(
            problems(text) == """
                compose.yaml:3:12: services.web.image: must be a string, not a number; quote it: "80"
                compose.yaml:4:13: services.web.ports[0]: invalid container port: b; \
                [[IP:]HOST:]CONTAINER[/PROTOCOL], such as "8080:80"
                compose.yaml:4:20: services.web.ports[1]: invalid container port: 70000; \
                [[IP:]HOST:]CONTAINER[/PROTOCOL], such as "8080:80"
                compose.yaml:5:14: services.web.restart: unknown restart policy "allways"; \
                did you mean "always"?
                compose.yaml:6:15: services.web.volumes[0]: refers to undefined volume "data"; \
                declare it under the top-level "volumes"
                compose.yaml:7:3: services.db: has neither an image nor a build context specified; \
                add "image" or "build"
                compose.yaml:8:18: services.db.depends_on: depends on undefined service "wbe"; \
                did you mean "web"?
                """
        )
    }

    @Test(
        "wrong YAML is refused at its place",
        arguments: [
            (
                "a: [1\nb: 2",
                "compose.yaml:2:2: a \"[\" is not closed; it is opened at line 1"
            ),
            (
                "\tservices: {}",
                "compose.yaml:1:1: a tab cannot indent YAML; use spaces"
            ),
            (
                "name: a\nname: b",
                "compose.yaml:2:1: mapping key \"name\" already defined at line 1; remove or rename one of them"
            ),
            (
                "services: *none",
                "compose.yaml:1:11: unknown anchor \"none\" referenced; define it earlier in the same document with &none"
            ),
            ("services: &a\n  x: *a", "compose.yaml:2:6: the anchor \"a\" contains itself"),
            ("1: 2", "compose.yaml:1:1: a key must be a string, not a number; quote it"),
            ("- 1", "compose.yaml:1:1: top-level object must be a mapping, not a list"),
            ("", "compose.yaml: empty compose file"),
            (
                "services:\n  <<: 1",
                "compose.yaml:2:7: a merge key needs a mapping or a list of mappings, not a number"
            ),
        ]
    )
    func wrongYAML(text: String, expected: String) {
        #expect(problems(text) == expected)
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() {
        struct Bytes: FileReader {
            func kind(of path: String) -> FileKind? {
                path == "/project/compose.yaml" ? .file : nil
            }
            func read(_ path: String) throws(FileReadError) -> [UInt8] { [0x61, 0x3A, 0x20, 0xFF] }
            func homeDirectory(ofUser name: String) -> String? { nil }
        }
        #expect(throws: ComposeError.self) {
            try ComposeLoader(files: Bytes()).load(.test())
        }
    }

    @Test("hostile files are refused within a second")
    func limits() {
        let clock = ContinuousClock()
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let previous = String(repeating: "*a\(level - 1), ", count: 10)
            bomb += "a\(level): &a\(level) [\(previous)]\n"
        }
        let deep = String(repeating: "[", count: 10_000)
        let deepBlock = (0..<3000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        for (text, part) in [
            (bomb, "aliases of this file expand to more than"), (deep, "nested deeper than"),
            (deepBlock, "nested deeper than"),
        ] {
            var answer = ""
            let time = clock.measure { answer = problems(text) }
            #expect(answer.contains(part), "\(answer.prefix(200))")
            // A second is meant for a release build on a machine that does nothing else.
            #expect(time < .seconds(5))
        }
    }

    @Test("interpolation that fails is an error where the value stands")
    func interpolation() {
        let text = """
            services:
              web:
                image: "x:${TAG:?say which}"
                command: echo ${}
                environment:
                  A: ${B
            """
        #expect(
            problems(text) == """
                compose.yaml:3:15: services.web.image: required variable TAG is missing a value: \
                say which; set TAG in the environment or in .env
                compose.yaml:4:19: services.web.command: invalid interpolation "${}"; \
                write ${NAME}, or $$ for a dollar sign
                compose.yaml:6:10: services.web.environment.A: invalid interpolation "${B"; \
                write ${NAME}, or $$ for a dollar sign
                """
        )
    }

    @Test("a variable that is not set is a warning, once")
    func unsetVariable() throws {
        let loaded = try load("services: {a: {image: \"x${T}\"}, b: {image: \"y${T}${U-}\"}}")
        #expect(
            loaded.warnings.map(\.description) == [
                "compose.yaml:1:25: services.a.image: the \"T\" variable is not set: it becomes an "
                    + "empty string; set it in the shell or .env, or give a default: ${T:-default}"
            ]
        )
    }

    @Test("positions survive extends and include")
    func positions() {
        let found = problems(
            """
            include: [sub/inc.yaml]
            services:
              web: {extends: {file: base.yaml, service: base}}
              api: {extends: {service: wbe}}
            """,
            files: [
                "base.yaml": "services:\n  base:\n    image: x\n    volumes: [nope:/x]\n",
                "sub/inc.yaml": "services:\n  db:\n    image: y\n    memory: 1\n",
            ]
        )
        #expect(
            found == """
                compose.yaml:4:28: services.api.extends: cannot extend service "api": service \
                "wbe" not found; did you mean "web"?
                sub/inc.yaml:4:5: services.db: unknown key "memory"; did you mean "mem_limit"? \
                (included from compose.yaml:1:11)
                base.yaml:4:15: services.web.volumes[0]: refers to undefined volume "nope"; \
                declare it under the top-level "volumes" (extended from compose.yaml:3:45)
                """
        )
    }

    @Test("cycles are told with their members")
    func cycles() {
        #expect(
            problems(
                "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}"
            ).contains("dependency cycle detected: a -> b -> a")
        )
        #expect(
            problems("services: {a: {extends: b}, b: {extends: a}}").contains(
                "circular reference: a in compose.yaml -> b in compose.yaml -> a in compose.yaml"
            )
        )
        #expect(
            problems("include: [compose.yaml]").contains(
                "include cycle detected: compose.yaml -> compose.yaml"
            )
        )
    }
}
