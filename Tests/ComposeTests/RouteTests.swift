import Compose
import TestSupport
import Testing

/// A message names the line where a value was written, and the way it came from there.
@Suite("Routes")
struct RouteTests {
    /// What a person sees, all problems one under the other.
    private func shown(
        _ text: String,
        files: [String: String] = [:],
        main: [String] = [],
        environment: [String: String] = [:]
    ) -> String {
        var options = LoadOptions.test(environment: environment)
        options.files = main
        options.strictness = .warnings
        do {
            _ = try load(text, files: files, options: options)
            return ""
        } catch {
            return error.problems.map { $0.rendered() }.joined(separator: "\n")
        }
    }

    @Test("a file that is included by one that is included")
    func include() {
        #expect(
            shown(
                "include:\n  - a/one.yaml\n",
                files: [
                    "a/one.yaml": "include: [two.yaml]\n",
                    "a/two.yaml": "services:\n  db:\n    image: y\n    memory: 1\n",
                ]
            ) == """
                a/two.yaml:4:5: services.db: unknown key "memory"; did you mean "mem_limit"?
                    4 |     memory: 1
                      |     ^
                      = included from a/one.yaml:1:11
                      = included from compose.yaml:2:5
                """
        )
    }

    @Test("a service extended through a chain of files")
    func extends() {
        #expect(
            shown(
                """
                services:
                  web:
                    extends: {file: base.yaml, service: base}
                """,
                files: [
                    "base.yaml": """
                    services:
                      base:
                        extends: root
                        user: me
                      root:
                        image: x
                        volumes: [nope:/x]
                    """
                ]
            ) == """
                base.yaml:7:15: services.web.volumes[0]: refers to undefined volume "nope"; \
                declare it under the top-level "volumes"
                    7 |     volumes: [nope:/x]
                      |               ^
                      = extended from base.yaml:3:14
                      = extended from compose.yaml:3:41
                """
        )
    }

    @Test("a base of the same file, in a file that is included")
    func extendedAndIncluded() {
        #expect(
            shown(
                "include: [sub.yaml]\nservices: {a: {image: x}}\n",
                files: [
                    "sub.yaml": """
                    services:
                      base: {image: x, restart: maybe}
                      web: {extends: base}
                    """
                ]
            ) == """
                sub.yaml:2:29: services.base.restart: unknown restart policy "maybe"; \
                no, always, on-failure[:N] or unless-stopped
                    2 |   base: {image: x, restart: maybe}
                      |                             ^
                      = included from compose.yaml:1:11
                sub.yaml:2:29: services.web.restart: unknown restart policy "maybe"; \
                no, always, on-failure[:N] or unless-stopped
                    2 |   base: {image: x, restart: maybe}
                      |                             ^
                      = extended from sub.yaml:3:18
                      = included from compose.yaml:1:11
                """
        )
    }

    @Test("what the service says itself has no way through its base")
    func own() {
        #expect(
            shown(
                """
                services:
                  base: {image: x}
                  web: {extends: base, volumes: [nope:/x]}
                """
            ) == """
                compose.yaml:3:34: services.web.volumes[0]: refers to undefined volume "nope"; \
                declare it under the top-level "volumes"
                    3 |   web: {extends: base, volumes: [nope:/x]}
                      |                                  ^
                """
        )
    }

    @Test("a wrong value that a later file replaces, and one that replaces")
    func overrides() {
        #expect(
            shown(
                "services:\n  web:\n    image: x\n    restart: 5\n    ports: [\"a:b\"]\n",
                files: [
                    "o.yaml": "services:\n  web:\n    restart: allways\n    ports: !override []\n"
                ],
                main: ["compose.yaml", "o.yaml"]
            ) == """
                compose.yaml:4:14: services.web.restart: must be a string, not a number; quote it: "5"
                    4 |     restart: 5
                      |              ^
                      = overridden in o.yaml:3:14
                compose.yaml:5:13: services.web.ports[0]: invalid container port: b; \
                [[IP:]HOST:]CONTAINER[/PROTOCOL], such as "8080:80"
                    5 |     ports: ["a:b"]
                      |             ^
                      = overridden in o.yaml:4:12
                o.yaml:3:14: services.web.restart: unknown restart policy "allways"; \
                did you mean "always"?
                    3 |     restart: allways
                      |              ^
                      = overrides compose.yaml:4:14
                """
        )
    }

    @Test("what another file says is named with the file")
    func otherFile() {
        #expect(
            shown(
                "services:\n  web:\n    image: x\n    deploy: {replicas: 2}\n",
                files: ["o.yaml": "services:\n  web:\n    scale: 3\n"],
                main: ["compose.yaml", "o.yaml"]
            ) == """
                o.yaml:3:5: services.web: can't set distinct values on 'scale' and \
                'deploy.replicas'; deploy.replicas is at compose.yaml:4
                    3 |     scale: 3
                      |     ^
                """
        )
    }

    @Test("an interpolated value stands where it was written, in an extended file too")
    func interpolated() {
        #expect(
            shown(
                "services:\n  web:\n    extends: {file: base.yaml, service: b}\n",
                files: ["base.yaml": "services:\n  b:\n    image: x\n    scale: ${N}\n"],
                environment: ["N": "many"]
            ) == """
                base.yaml:4:12: services.b.scale: "many" is not a whole number
                    4 |     scale: ${N}
                      |            ^
                      = extended from compose.yaml:3:21
                """
        )
    }
}

/// A strict load takes warnings for errors.
@Suite("Strict")
struct StrictTests {
    private let text = """
        version: "3"
        services:
          web:
            image: "x:${TAG}"
            prots: []
        """

    @Test("warnings are told with the errors, in reading order")
    func together() throws {
        var options = LoadOptions.test()
        options.strictness = .warnings
        let error = try #require(throws: ComposeError.self) { try load(text, options: options) }
        #expect(error.problems.map(\.position.line) == [1, 4, 5])
        #expect(error.warnings.isEmpty)
    }

    @Test("without it they stay beside the errors")
    func apart() throws {
        let error = try #require(throws: ComposeError.self) { try load(text) }
        #expect(error.problems.map(\.position.line) == [5])
        #expect(error.warnings.map(\.position.line) == [1, 4])
    }

    @Test("a file with nothing but warnings fails only a strict load")
    func onlyWarnings() throws {
        let text = "version: \"3\"\nservices: {a: {image: x}}\n"
        #expect(try load(text).warnings.count == 1)
        var options = LoadOptions.test()
        options.strictness = .warnings
        #expect(problems(text, options: options).hasPrefix("compose.yaml:1:1: the attr"))
        #expect(problems("services: {a: {image: x}}", options: options).isEmpty)
    }
}
