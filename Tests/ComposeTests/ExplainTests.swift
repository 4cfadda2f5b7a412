import Compose
import Foundation
import TestSupport
import Testing

/// Where values come from.
@Suite("Explain")
struct ExplainTests {
    private static let files = [
        "base.yaml": """
        services:
          base:
            image: base:1
            environment:
              DB_URL: from-base
              LEVEL: "1"
            labels: [a=base]
        """,
        "compose.yaml": """
        include: [inc/more.yaml]
        services:
          web:
            extends: {file: base.yaml, service: base}
            env_file: [a.env, b.env]
            environment:
              DB_URL: postgres://${DB_HOST:-localhost}/${NAME}
              FROM_SHELL:
            ports: ["8080:80", "9000-9001:9000-9001"]
            command: run --fast
          off:
            image: off:1
            profiles: [debug]
        """,
        "compose.override.yaml": """
        services:
          web:
            environment:
              LEVEL: "3"
            ports:
              - target: 80
                published: "8080"
                name: main
            command: [walk]
            labels: !reset null
          db:
            image: db:2
        """,
        "inc/more.yaml": """
        services:
          db:
            image: db:${DB_TAG}
        networks:
          front:
            ipam: {config: [{subnet: 10.1.0.0/16}]}
        """,
        "inc/.env": "DB_TAG=7\n",
        ".env": "# names\nNAME=shop\nDB_HOST=from-env\n",
        "a.env": "ONLY_FILE=a\nTWICE=a\nDB_URL=file\n",
        "b.env": "# b\nTWICE=${NAME}-b\nFROM_SHELL\n",
    ]

    private func load(
        _ environment: [String: String] = [:],
        change: (inout LoadOptions) -> Void = { _ in }
    ) throws -> LoadedProject {
        var options = LoadOptions.test(environment: environment)
        options.purpose = .explain
        options.without.insert(.dropResources)
        change(&options)
        return try ComposeLoader(files: MemoryFiles(Self.files)).load(options)
    }

    private func source(
        _ path: String,
        _ environment: [String: String] = [:]
    ) throws -> [Explanation.Source] { try load(environment).explain(path).sources }

    @Test("a value with every kind of source, oldest first")
    func chain() throws {
        let text = try load(["DB_HOST": "prod"]).explain("web.environment.DB_URL").rendered()
        #expect(
            text == """
                services.web.environment.DB_URL = postgres://prod/shop

                  1. env_file, a.env:3:1
                       named at compose.yaml:5:16
                       file
                       loses: environment beats env_file
                  2. extended service "base", base.yaml:5:15
                       extended at compose.yaml:4:41
                       from-base
                       loses: the service itself sets it, too
                > 3. compose file, compose.yaml:7:15
                       postgres://${DB_HOST:-localhost}/${NAME}   (as written)
                       postgres://prod/shop
                         DB_HOST = prod, from the shell's environment
                         NAME = shop, from .env:2:1
                       wins: the last that sets it

                """
        )
    }

    @Test("a variable that is not set shows the template's default")
    func defaults() throws {
        var files = Self.files
        files[".env"] = nil
        var options = LoadOptions.test()
        options.purpose = .explain
        let loaded = try ComposeLoader(files: MemoryFiles(files)).load(options)
        let variables = try #require(
            loaded.explain("web.environment.DB_URL").sources.last?.variables
        )
        #expect(variables.map(\.origin) == [.default, .unset])
        #expect(variables.first?.value == "localhost")
    }

    @Test("a later env file beats an earlier one, and its template is shown")
    func envFiles() throws {
        let sources = try source("services.web.environment.TWICE")
        #expect(sources.map(\.value) == ["a", "shop-b"])
        #expect(sources.map(\.isWinner) == [false, true])
        #expect(sources[1].written == "${NAME}-b")
        #expect(sources[1].variables.map(\.name) == ["NAME"])
        #expect(sources[1].position.description == "b.env:2:1")
        #expect(sources[0].because == "a later env_file sets it, too")
    }

    @Test("a key without a value takes the shell's")
    func inherits() throws {
        let winner = try #require(
            source("web.environment.FROM_SHELL", ["FROM_SHELL": "yes"]).last { $0.isWinner }
        )
        #expect(winner.value == "'yes'")
        #expect(winner.written == "without a value")
        #expect(winner.variables.map(\.origin) == [.shell])
        #expect(winner.position.file == "compose.yaml")
    }

    @Test("an override file beats what a service extends")
    func override() throws {
        let sources = try source("web.environment.LEVEL")
        #expect(sources.map(\.kind) == [.extends, .override])
        #expect(sources.last?.value == "\"3\"")
    }

    @Test("an included file's variables are its own")
    func include() throws {
        let sources = try source("db.image")
        #expect(sources.map(\.kind) == [.include, .override])
        #expect(sources[0].value == "db:7")
        #expect(sources[0].variables.map { $0.position?.description } == ["inc/.env:1:1"])
        #expect(
            sources[0].route.map { "\($0.words) \($0.position)" } == ["included compose.yaml:1:11"]
        )
        #expect(sources[0].because == "the file that includes it sets it, too")
    }

    @Test(
        "elements of lists by place or by what they are known by",
        arguments: [
            ("web.ports[0].published", "services.web.ports[0].published"),
            ("web.ports[9000].published", "services.web.ports[1].published"),
            ("web.ports.9001.target", "services.web.ports[2].target"),
            (
                "networks.front.ipam.config[10.1.0.0/16].subnet",
                "networks.front.ipam.config[0].subnet"
            ),
            (
                "networks.front.ipam.config.10.1.0.0/16.subnet",
                "networks.front.ipam.config[0].subnet"
            ),
            ("services.web.command[0]", "services.web.command[0]"),
        ]
    )
    func elements(path: String, expected: String) throws {
        #expect(try load().explain(path).path == expected)
    }

    @Test("an element of a list is found in each file by what makes it the same")
    func portChain() throws {
        let sources = try source("web.ports[0].published")
        #expect(sources.map(\.kind) == [.file, .override])
        #expect(sources[0].written == "8080:80")
        #expect(try source("web.ports[0].name").map(\.kind) == [.override])
    }

    @Test("what is replaced as a whole says so")
    func replaced() throws {
        let sources = try source("web.command[0]")
        #expect(sources.map(\.value) == [#"["run","--fast"]"#, "walk"])
        #expect(
            sources.map(\.because) == ["replaced as a whole", "it replaces what earlier ones set"]
        )
    }

    @Test("a value taken away by !reset shows by whom")
    func reset() throws {
        let explanation = try load().explain("web.labels.a")
        #expect(explanation.value == nil)
        #expect(explanation.note == "taken away by !reset at compose.override.yaml:10:5")
        #expect(explanation.sources.first?.value == "base")
    }

    @Test("a service that no profile lets in is explained nevertheless")
    func disabled() throws {
        let explanation = try load().explain("off.image")
        #expect(explanation.note == "the service off is not enabled: its profiles are debug")
        #expect(explanation.sources.map(\.value) == ["off:1"])
    }

    @Test(
        "what nobody wrote says why it is there",
        arguments: [
            ("web.networks.default", "a service that names no network is on \"default\""),
            ("networks.front.name", "the project's name and the key, of an external one the key"),
            ("name", "nothing names the project: it is called after its folder"),
        ]
    )
    func implied(path: String, because: String) throws {
        let sources = try source(path)
        #expect(sources.map(\.kind) == [.default])
        #expect(sources.map(\.because) == [because])
    }

    @Test("the project's name tells the flag from the variable")
    func name() throws {
        let flagged = try load { $0.projectName = "x" }.explain("name")
        #expect(flagged.sources.last?.kind == .commandLine)
        let named = try load(["COMPOSE_PROJECT_NAME": "y"]).explain("name")
        #expect(named.sources.last?.kind == .environment)
        #expect(named.value == "'y'")
    }

    @Test("a later document of a file is one, and what it replaces does not touch env files")
    func documents() throws {
        let text = """
            services: {a: {image: x, env_file: a.env, environment: {A: own, B: own}}}
            ---
            services: {a: {environment: !override {C: later}}}
            """
        var options = LoadOptions.test()
        options.purpose = .explain
        let loaded = try loadText(text, files: ["a.env": "A=file\n"], options: options)
        let later = try loaded.explain("a.environment.C").sources
        #expect(later.map(\.title) == ["later document"])
        let kept = try loaded.explain("a.environment.A").sources
        #expect(kept.map(\.kind) == [.envFile, .file])
        #expect(kept.map(\.isWinner) == [true, false])
    }

    @Test("a mapping shows the winner of each value")
    func parts() throws {
        let text = try load(["FROM_SHELL": "s"]).explain("web.environment").rendered()
        #expect(
            text == """
                services.web.environment: 5 values

                  DB_URL       postgres://from-env/shop   compose file, compose.yaml:7:15
                  FROM_SHELL   s                          compose file, compose.yaml:8:7
                  ONLY_FILE    a                          env_file, a.env:1:1
                  TWICE        shop-b                     env_file, b.env:2:1
                  LEVEL        "3"                        override file, compose.override.yaml:4:14

                """
        )
    }

    @Test(
        "an unknown path names the nearest ones",
        arguments: [
            ("wbe.image", "no file says anything of \"wbe.image\"; did you mean \"services.web\"?"),
            (
                "web.imagee",
                "no file says anything of \"web.imagee\"; did you mean \"services.web.image\"?"
            ),
            (
                "web.restart",
                "no file says anything of \"web.restart\"; "
                    + "services.web.restart is an attribute that may be set"
            ),
            (
                "web.ports[7]",
                "no file says anything of \"web.ports[7]\"; "
                    + "services.web.ports has 3 elements, from services.web.ports[0] on"
            ),
            (
                "web.image.tag",
                "no file says anything of \"web.image.tag\"; "
                    + "services.web.image is a string, with nothing in it"
            ),
        ]
    )
    func unknown(path: String, message: String) throws {
        let loaded = try load()
        let error = #expect(throws: ComposeError.self) { _ = try loaded.explain(path) }
        #expect(error?.description == message)
    }

    @Test("keys with dots are found longest first, or quoted")
    func dots() throws {
        let text = """
            services:
              a.b:
                image: x
                labels: {com.example.team: red, com.example: blue}
            """
        var options = LoadOptions.test()
        options.purpose = .explain
        let loaded = try loadText(text, options: options)
        #expect(try loaded.explain("a.b.labels.com.example.team").value == "red")
        #expect(try loaded.explain("services[\"a.b\"].labels.\"com.example\"").value == "blue")
        #expect(
            try loaded.explain("a.b.labels.com.example").path
                == "services[\"a.b\"].labels[\"com.example\"]"
        )
    }

    @Test("a variable tells which files and whether the shell set it, and where it is used")
    func variable() throws {
        let text = try load(["DB_HOST": "prod"]).explain("${DB_HOST}").rendered()
        #expect(
            text == """
                ${DB_HOST} = prod

                  1. env file, .env:3:1
                       from-env
                       loses: the shell beats env files
                > 2. the shell's environment
                       prod
                       wins: it beats the others

                  used at compose.yaml:7:15

                """
        )
        let flagged = try load {
            $0.envFiles = ["a.env", "b.env", ".env"]
            $0.environment["FROM_SHELL"] = "x"
        }.explain("$TWICE")
        #expect(flagged.sources.map(\.position.file) == ["a.env", "b.env"])
        #expect(flagged.sources.map(\.isWinner) == [false, true])
        #expect(try load().explain("${DB_TAG}").value == nil)
        #expect(try load().explain("${DB_TAG}").uses.map(\.file) == ["inc/more.yaml"])
    }

    @Test("the document is JSON")
    func document() throws {
        let text = try load(["DB_HOST": "prod"]).explain("web.environment.DB_URL").document()
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        )
        #expect(json["path"] as? String == "services.web.environment.DB_URL")
        #expect(json["value"] as? String == "postgres://prod/shop")
        let sources = try #require(json["sources"] as? [[String: Any]])
        #expect(sources.map { $0["wins"] as? Bool } == [false, false, true])
        #expect(sources.last?["line"] as? Int == 7)
        #expect((sources.last?["variables"] as? [[String: Any]])?.count == 2)
    }

    @Test("every value of every project of the corpus has an explanation with one winner")
    func everywhere() throws {
        for run in Corpus.runs where run.isValid && !run.command.contains("--no-interpolate") {
            guard case .success(var options) = CorpusRunner(run: run).options() else { continue }
            options.purpose = .explain
            guard let loaded = try? ComposeLoader(files: LocalFiles()).load(options) else {
                continue  // Standard input is not there for this one.
            }
            let whole = loaded.paths(from: "").flatMap { loaded.paths(from: $0 + ".") }
            for path in whole {
                let explanation = try loaded.explain(path)
                let winners = explanation.sources.filter(\.isWinner).count
                #expect(winners == (explanation.parts.isEmpty ? 1 : 0), "\(run.id): \(path)")
            }
        }
    }

    @Test("a shell completes a step at a time")
    func completion() throws {
        let loaded = try load()
        #expect(loaded.paths(from: "we") == ["web"])
        #expect(loaded.paths(from: "web.po") == ["web.ports"])
        #expect(
            loaded.paths(from: "web.ports[") == ["web.ports[0]", "web.ports[1]", "web.ports[2]"]
        )
        #expect(loaded.paths(from: "nothing.").isEmpty)
    }
}
