import Compose
import KernelNames
import OrderedCollections
import TestSupport
import Testing

/// How several files become one. compose-spec "Merge".
@Suite("Merge")
struct MergeTests {
    /// The canonical services of two files.
    private func merged(_ first: String, _ second: String) throws -> String {
        var options = LoadOptions.test()
        options.files = ["a.yaml", "b.yaml"]
        options.without = [.checkReferences, .normalise]
        options.projectName = "p"
        let files = MemoryFiles(["a.yaml": first, "b.yaml": second])
        return try ComposeLoader(files: files).load(options).yaml()
    }

    @Test(
        "each attribute joins by its rule",
        arguments: [
            ("command: a", "command: [b, c]", "command:\n      - b\n      - c\n"),
            ("command: a", "command:", ""),
            ("entrypoint: a", "entrypoint:", ""),
            ("command: a", "command: []", "command: []\n"),
            ("image: x", "image:", "image: x\n"),
            ("user: u", "user:", "user: u\n"),
            ("labels: {a: b}", "labels:", "labels:\n      a: b\n"),
            (
                "healthcheck: {test: x}", "healthcheck: {test: }",
                "healthcheck:\n      test:\n        - CMD-SHELL\n        - x\n"
            ),
            (
                "environment: [A=1, B=2]", "environment: {B: 3, C: }",
                "environment:\n      A: \"1\"\n      B: \"3\"\n      C: null\n"
            ),
            ("dns_opt: [A, B]", "dns_opt: [B, C]", "dns_opt:\n      - A\n      - B\n      - C\n"),
            ("dns: 1.1.1.1", "dns: [2.2.2.2, 1.1.1.1]", "dns:\n      - 1.1.1.1\n      - 2.2.2.2\n"),
            (
                "build: x", "build: {args: {A: 1}}",
                "build:\n      context: /project/x\n      args:\n        A: \"1\"\n"
            ),
            (
                "logging: {driver: a, options: {x: 1}}", "logging: {driver: b}",
                "logging:\n      driver: b\n"
            ),
            (
                "ulimits: {nofile: {soft: 1, hard: 2}}", "ulimits: {nofile: 3}",
                "ulimits:\n      nofile: 3\n"
            ),
            (
                "ports: [\"80:80\"]", "ports: [\"80:80\", \"81:81/udp\"]",
                "ports:\n      - mode: ingress\n        target: 80\n        published: \"80\"\n        protocol: tcp\n      - mode: ingress\n        target: 81\n        published: \"81\"\n        protocol: udp\n"
            ),
            (
                "volumes: [\"./a:/x\", \"./b:/y\"]", "volumes: [\"./c:/x:ro\"]",
                "volumes:\n      - type: bind\n        source: /project/c\n        target: /x\n        read_only: true\n        bind: {}\n      - type: bind\n        source: /project/b\n        target: /y\n        bind: {}\n"
            ),
            (
                "depends_on: [a]", "depends_on: {a: {condition: service_healthy}}",
                "depends_on:\n      a:\n        condition: service_healthy\n        required: true\n"
            ),
            (
                "environment: {A: 1, B: 2}", "environment: {A: !reset null}",
                "environment:\n      B: \"2\"\n"
            ),
            ("dns_opt: [A, B]", "dns_opt: !override [C]", "dns_opt:\n      - C\n"),
            ("dns_opt: [A, B]", "dns_opt: [!reset A, C]", "dns_opt:\n      - B\n      - C\n"),
            ("dns_opt: [A]", "dns_opt: !reset []", ""),
        ]
    )
    func rules(first: String, second: String, expected: String) throws {
        let before = "name: p\nservices:\n  web:\n"
        let wanted =
            expected.isEmpty ? "name: p\nservices:\n  web: {}\n" : before + "    " + expected
        let actual = try merged(
            "services:\n  web:\n    \(first)\n",
            "services:\n  web:\n    \(second)\n"
        )
        #expect(actual == wanted)
    }

    @Test("merging with an empty file changes nothing")
    func empty() throws {
        let text = "services: {web: {image: x, ports: [80], environment: [A]}}"
        #expect(try merged(text, "services: {}") == merged(text, text))
    }

    @Test("!reset and !override work through extends")
    func extends() throws {
        let loaded = try load(
            """
            services:
              base: {image: x, ports: ["80:80"], cap_add: [KILL], environment: {A: 1}}
              web:
                extends: base
                ports: !reset []
                cap_add: !override [CHOWN]
                environment: {B: 2}
            """
        )
        let web = try #require(loaded.project.services["web"])
        #expect(web.ports.isEmpty)
        #expect(web.security.capAdd == [.one("CAP_CHOWN")])
        #expect(web.environment == ["A": "1", "B": "2"])
    }

    @Test("documents of one file are merged like files")
    func documents() throws {
        let loaded = try load("services: {a: {image: x}}\n---\nservices: {a: {user: y}}\n")
        #expect(loaded.project.services["a"]?.image == "x")
        #expect(loaded.project.services["a"]?.user == "y")
    }

    @Test("anchors, aliases and merge keys")
    func anchors() throws {
        let loaded = try load(
            """
            x-a: &a {image: x, user: one}
            x-b: &b {user: two, hostname: h}
            services:
              web:
                <<: [*a, *b]
                hostname: mine
            """
        )
        let web = try #require(loaded.project.services["web"])
        #expect([web.image, web.user, web.hostname] == ["x", "one", "mine"])
    }

    @Test("an option without a value has an empty one, where one may have none")
    func emptyOptions() throws {
        let text = "services: {a: {image: x, logging: {driver: none, options: {k: }}}}"
        #expect(try load(text).yaml().contains("k: \"\""))
        #expect(
            problems("services: {a: {image: x}}\nvolumes: {v: {driver_opts: {o: }}}")
                == "compose.yaml:2:29: volumes.v.driver_opts.o: must be a string or a number, not empty"
        )
    }
}
