import Compose
import OrderedCollections
import TestSupport
import Testing

/// Which files are read, and what the project is called.
@Suite("Discovery")
struct DiscoveryTests {
    private let simple = "services: {a: {image: \"x:${T-none}\"}}"

    private func load(
        _ files: [String: String],
        _ change: (inout LoadOptions) -> Void = { _ in }
    ) throws -> LoadedProject {
        var options = LoadOptions.test()
        change(&options)
        return try ComposeLoader(files: MemoryFiles(files)).load(options)
    }

    @Test("the override file is added only to a file that was discovered")
    func override() throws {
        let files = [
            "compose.yaml": simple, "docker-compose.override.yml": "services: {a: {user: u}}",
        ]
        #expect(try load(files).project.services["a"]?.user == "u")
        #expect(try load(files) { $0.files = ["compose.yaml"] }.project.services["a"]?.user == nil)
    }

    @Test("the file may be in a folder above")
    func above() throws {
        let loaded = try load(["compose.yaml": simple, "sub/x": ""]) {
            $0.workingDirectory = "/project/sub"
        }
        #expect(loaded.project.directory == "/project")
        #expect(loaded.project.files == ["/project/compose.yaml"])
    }

    @Test("no file is an error that says what to do")
    func none() {
        #expect {
            try load([:])
        } throws: { error in
            "\(error)".hasPrefix("no configuration file provided: not found; make a compose.yaml")
        }
    }

    @Test("-f beats COMPOSE_FILE beats discovery")
    func precedence() throws {
        let files = [
            "compose.yaml": simple, "b.yaml": "name: b\n" + simple, "c.yaml": "name: c\n" + simple,
        ]
        #expect(try load(files).project.name == "project")
        #expect(
            try load(files) { $0.environment["COMPOSE_FILE"] = "b.yaml:c.yaml" }.project.name == "c"
        )
        #expect(
            try load(files) {
                $0.environment["COMPOSE_FILE"] = "b.yaml"
                $0.files = ["c.yaml"]
            }.project.name == "c"
        )
    }

    @Test("COMPOSE_PATH_SEPARATOR may be any text", arguments: ["", ":", ",", "XX"])
    func separator(separator: String) throws {
        let files = ["b.yaml": simple, "c.yaml": "name: c\n" + simple]
        let list = ["b.yaml", "c.yaml"].joined(separator: separator.isEmpty ? ":" : separator)
        let loaded = try load(files) {
            $0.environment["COMPOSE_FILE"] = list
            $0.environment["COMPOSE_PATH_SEPARATOR"] = separator
        }
        #expect(loaded.project.name == "c")
    }

    @Test("COMPOSE_DISABLE_ENV_FILE is true or false, and nothing else")
    func disabledEnvFile() throws {
        let files = ["compose.yaml": simple, ".env": "COMPOSE_PROJECT_NAME=e"]
        for (value, name) in [("1", "project"), ("true", "project"), ("0", "e"), ("", "e")] {
            let loaded = try load(files) { $0.environment["COMPOSE_DISABLE_ENV_FILE"] = value }
            #expect(loaded.project.name == name)
        }
        #expect(throws: ComposeError.self) {
            try load(files) { $0.environment["COMPOSE_DISABLE_ENV_FILE"] = "xx" }
        }
    }

    @Test("the name: flag, environment, file, folder")
    func names() throws {
        let named = ["compose.yaml": "name: My-${T-x} \n" + simple]
        #expect(try load(named).project.name == "my-x")
        #expect(
            try load(named) { $0.environment["COMPOSE_PROJECT_NAME"] = "e" }.project.name == "e"
        )
        #expect(try load(named) { $0.projectName = "flag" }.project.name == "flag")
        #expect(throws: ComposeError.self) { try load(named) { $0.projectName = "No Good" } }
        #expect(
            try load(["/project/_A.b C/compose.yaml": simple]) {
                $0.files = ["_A.b C/compose.yaml"]
            }.project.name == "abc"
        )
    }

    @Test("the shell beats .env; --env-file replaces it")
    func envFiles() throws {
        let files = ["compose.yaml": simple, ".env": "T=dot", "other.env": "T=other\nU=${T}"]
        func image(_ change: (inout LoadOptions) -> Void = { _ in }) throws -> String? {
            try load(files, change).project.services["a"]?.image
        }
        #expect(try image() == "x:dot")
        #expect(try image { $0.environment["T"] = "shell" } == "x:shell")
        #expect(try image { $0.envFiles = ["other.env"] } == "x:other")
        #expect(try image { $0.environment["COMPOSE_ENV_FILES"] = "other.env" } == "x:other")
        #expect(try image { $0.environment["COMPOSE_DISABLE_ENV_FILE"] = "1" } == "x:none")
        #expect(throws: ComposeError.self) { try image { $0.envFiles = ["none.env"] } }
    }

    @Test("a folder that is called like a compose file is not passed over for the one above")
    func folderOfThatName() {
        let files = MemoryFiles([
            "/project/compose.yaml/inside": "", "/compose.yaml": "services: {a: {image: x}}",
        ])
        #expect(throws: ComposeError.self) { try ComposeLoader(files: files).load(.test()) }
    }

    @Test("env_file is beneath environment; a missing one is an error unless it may be missing")
    func serviceEnvFiles() throws {
        let loaded = try load([
            "compose.yaml": """
            services:
              a:
                image: x
                env_file: [a.env, {path: none.env, required: false}, {path: raw.env, format: raw}]
                environment: {B: mine}
            """,
            "a.env": "A=1\nB=2\nC=${B}", "raw.env": "R='$x' # y",
        ])
        #expect(
            loaded.project.services["a"]?.environment
                == ["A": "1", "B": "mine", "C": "mine", "R": "'$x' # y"]
        )
    }

    @Test("standard input is a file")
    func standardInput() throws {
        let loaded = try load(["-": "name: in\n" + simple]) { $0.files = ["-"] }
        #expect(loaded.project.name == "in")
        #expect(loaded.project.directory == "/project")
    }

    @Test("include has its own folder and environment")
    func include() throws {
        let loaded = try load([
            "compose.yaml": """
            include:
              - sub/inc.yaml
              - {path: [b.yaml, c.yaml], env_file: b.env, project_directory: other}
            services: {web: {image: w, depends_on: [db]}}
            """,
            "sub/inc.yaml": "services: {db: {image: \"d:${V}\", volumes: [\"./data:/d\"]}}",
            "sub/.env": "V=7",
            "b.yaml": "services: {b: {image: \"b:${W}\", volumes: [\"./x:/x\"]}}",
            "c.yaml": "services: {b: {user: u}}", "b.env": "W=8",
        ])
        let services = loaded.project.services
        #expect(services["db"]?.image == "d:7")
        #expect(
            services["db"]?.volumes.first?.source
                == .bind(path: "/project/sub/data", createHostPath: true)
        )
        #expect(services["b"]?.image == "b:8")
        #expect(services["b"]?.user == "u")
        #expect(
            services["b"]?.volumes.first?.source
                == .bind(path: "/project/other/x", createHostPath: true)
        )
    }
}
