import Compose
import TestSupport
import Testing

/// Every kind of error of the loader, one small project for each, and the words in
/// `Goldens/errors.txt`.
@Suite("Error kinds")
struct ErrorKindTests {
    static let syntax: [MessageCase] = [
        MessageCase("tab", "services:\n\tweb: {image: x}\n"),
        MessageCase("tab after blanks", "services:\n  web:\n  \timage: x\n"),
        MessageCase("tab in a block", "services:\n  web:\n    command: |\n\trun\n"),
        MessageCase(
            "list not closed",
            "services:\n  web:\n    image: x\n    ports: [\"80:80\"\n    user: me\n"
        ),
        MessageCase("mapping not closed", "services: {web: {image: x}\nname: a\n"),
        MessageCase("text not closed", "services:\n  web:\n    image: \"x\n    user: me\n"),
        MessageCase(
            "value with a colon",
            "services:\n  web:\n    image: x\n    command: echo a: b\n"
        ),
        MessageCase("key too far in", "services:\n  web:\n    image: x\n     user: me\n"),
        MessageCase("key too far out", "services:\n  web:\n    image: x\n   user: me\n"),
        MessageCase("key without a colon", "services:\n  web:\n    image x\n    user: me\n"),
        MessageCase("list in a line", "services:\n  web:\n    ports: - \"80:80\"\n"),
        MessageCase(
            "list that stops",
            "services:\n  web:\n    image: x\n    ports:\n      - \"80:80\"\n      81\n    user: me\n"
        ),
        MessageCase("sign that begins nothing", "services:\n  web:\n    image: @latest\n"),
        MessageCase("unknown escape", "services:\n  web:\n    image: \"a\\.b\"\n"),
        MessageCase("unknown anchor", "x-a: &base {image: x}\nservices:\n  web: *bse\n"),
        MessageCase("anchor in itself", "x-a: &a [*a]\nservices: {web: {image: x}}\n"),
        MessageCase("merge of a scalar", "services:\n  web:\n    <<: base\n    image: x\n"),
        MessageCase(
            "duplicate key",
            "services:\n  web:\n    image: x\n    user: me\n    image: y\n"
        ),
        MessageCase("number for a key", "services:\n  1: {image: x}\n"),
        MessageCase("list for a file", "- web\n"),
        MessageCase("empty file", "# nothing yet\n"),
    ]

    static let files: [MessageCase] = [
        MessageCase("missing file", "", main: ["other.yaml"]),
        MessageCase("git repository for a file", "", main: ["https://example.com/shop.git"]),
        MessageCase(
            "remote includes",
            """
            include:
              - git@example.com:team/shop.git
              - path: [oci://example.com/shop:1]
            services:
              web: {extends: {file: "https://example.com/x.git#main:compose.yaml", service: a}}
            """
        ),
        MessageCase(
            "include of a file that is not there",
            "include: [db.yaml]\nservices: {web: {image: x}}\n"
        ),
        MessageCase("include that is no list", "include: db.yaml\nservices: {web: {image: x}}\n"),
        MessageCase(
            "include without a path",
            "include: [{env_file: a.env}]\nservices: {web: {image: x}}\n"
        ),
        MessageCase(
            "include in a circle",
            "include: [a.yaml]\n",
            files: ["a.yaml": "include: [compose.yaml]\n"]
        ),
        MessageCase(
            "extends of a missing service",
            "services: {web: {extends: bse}, base: {image: x}}\n"
        ),
        MessageCase(
            "extends of a missing file",
            "services: {web: {extends: {file: b.yaml, service: x}}}\n"
        ),
        MessageCase("extends in a circle", "services: {a: {extends: b}, b: {extends: a}}\n"),
        MessageCase(
            "extends without a service",
            "services: {a: {image: x, extends: {file: b.yaml}}}\n"
        ),
        .service("missing env file", "env_file: [prod.env]"),
        MessageCase(
            "wrong env file",
            "services: {web: {image: x, env_file: web.env}}\n",
            files: ["web.env": "A=1\nB=\"open\n"]
        ),
        MessageCase(
            "wrong name in an env file",
            "services: {web: {image: x, env_file: web.env}}\n",
            files: ["web.env": "A=1\nB C=2\n"]
        ),
        .service("missing label file", "label_file: web.labels"),
        MessageCase(
            "folders for files of variables",
            "services: {web: {image: x, env_file: web, label_file: web}}\n",
            files: ["web/env": "A=1\n"]
        ),
        .service("unknown format of an env file", "env_file: [{path: a.env, format: json}]"),
    ]

    static let keys: [MessageCase] = [
        .service("misspelt key", "prots: [\"80:80\"]"),
        .service("key of another tool", "env: {A: 1}"),
        .service("key of deploy", "replicas: 3"),
        .service("key of build", "dockerfile: Dockerfile.dev"),
        .service("key of the top level", "configs: {}\nsecrets: []\nservices: {}"),
        MessageCase("service at the top level", "web: {image: x}\nservices: {db: {image: y}}\n"),
        MessageCase("attribute at the top level", "services: {web: {image: x}}\nports: [80]\n"),
        MessageCase("name of a service", "services: {\"my web\": {image: x}}\n"),
        MessageCase("empty service", "services:\n  web:\n"),
        MessageCase("services as a list", "services:\n  - web\n"),
    ]

    static let values: [MessageCase] = [
        .service("number for a string", "hostname: 3.10"),
        .service("list for a string", "image: [x]"),
        .service("string for a list", "ports: \"80:80\""),
        .service("string for a mapping", "healthcheck: curl"),
        .service("string for a boolean", "tty: maybe"),
        .service("list for a boolean", "tty: []"),
        .service("no whole number", "scale: two"),
        .service("number out of range", "scale: -1\noom_score_adj: 2000"),
        .service("no number", "cpus: \"0,5\""),
        .service("unknown word", "cgroup: hosts"),
        .service("no size", "mem_limit: 64 mega\nshm_size: [1]"),
        .service("no duration", "stop_grace_period: 10\nhealthcheck: {test: x, interval: 5sec}"),
        .service("no mode", "volumes: [{type: tmpfs, target: /t, tmpfs: {mode: rwx}}]"),
        .service("empty element", "cap_add:\n  -\n  - NET_ADMIN"),
        .service("mapping in a list of variables", "environment:\n  - A: 1"),
        .service("list for a variable", "environment: {A: [1]}"),
        .service("empty attribute", "ports:\nimage:"),
        .service(
            "wrong ports",
            "ports: [\"80:\", \"a:80\", \"80:b\", \"80/sctpp\", \"1-2:1-3\", \"300.1.1.1:1:1\", \"::1:1:1\", 1.5]"
        ),
        .service(
            "wrong long ports",
            "ports: [{published: 80}, {target: 0}, {target: 1, host_ip: local, published: x, protocol: tpc}]"
        ),
        .service(
            "wrong volumes",
            "volumes: [\"\", \"a::b\", \"a:/b:ro:c\", 5, {type: bnd, target: /a}, {type: bind, target: /a}, {type: volume}]"
        ),
        .service("folder without its dot", "volumes: [\"data/files:/d\"]"),
        .service("wrong device", "devices: [\"a:b:c:d\"]"),
        .service("wrong host", "extra_hosts: [db]"),
        .service("wrong command", "command: echo 'a"),
        .service("command of numbers", "command: [sleep, 10]"),
        .service("wrong healthcheck", "healthcheck: {test: [curl, x]}"),
        .service("dependency listed twice", "links: [x]\ndepends_on: [db, db]"),
        .service("unknown condition", "depends_on: {db: {condition: healthy}}"),
        .service("missing condition", "depends_on: {db: {restart: true}}"),
        .service("wrong ulimits", "ulimits: {nofile: {soft: 1}}"),
        .service("wrong interpolation", "user: ${}\nhostname: \"${A b}\"\nworking_dir: ${A"),
        .service("required variable", "user: \"${USER_ID:?give the id of the user}\""),
    ]

    private static let longLine: String = {
        let entries = (1...20).map { "VARIABLE\($0): value\($0)" }.joined(separator: ", ")
        let tail = String(repeating: "x", count: 200)
        return "environment: {\(entries), LAST: [], AND: \(tail)}"
    }()

    static let rules: [MessageCase] = [
        .service("unknown restart policies", "restart: sometimes"),
        .service("restart as a boolean", "restart: false"),
        .service("restart never", "restart: never"),
        .service("restart some times", "restart: on-failure:x"),
        .service("unknown signal", "stop_signal: SIGTREM"),
        .service("number of no signal", "stop_signal: \"65\""),
        .service("unknown capabilities", "cap_add: [NET_ADMN, CHOWN, FLY]\ncap_drop: [CAP_ALL]"),
        .service("tmpfs options without a meaning", "tmpfs: [\"/a:size=x\", \"/b:mode=999\"]"),
        .service(
            "unknown propagation",
            "volumes: [{type: bind, source: ., target: /a, bind: {propagation: rslav}}]"
        ),
        .service("mode of no file", "volumes: [{type: tmpfs, target: /t, tmpfs: {mode: 0200000}}]"),
        .service("restart condition", "deploy: {restart_policy: {condition: ever}}"),
        .service("unknown pull policy", "pull_policy: alway"),
        .service("two Dockerfiles", "build:\n  dockerfile: a\n  dockerfile_inline: FROM x"),
        .service("wrong container name", "container_name: -web"),
        .service("name for several containers", "container_name: web\nscale: 2"),
        .service("name for replicas", "container_name: web\ndeploy: {replicas: 2}"),
        .service("two numbers of containers", "scale: 2\ndeploy: {replicas: 3}"),
        .service("count and names of devices", "gpus: [{count: 1, device_ids: [\"0\"]}]"),
        .service("two mounts at one place", "volumes: [\"./a:/d\"]\ntmpfs: /d"),
        .service(
            "limits said twice",
            "cpus: 1\nmem_limit: 1g\ndeploy: {resources: {limits: {cpus: 2, memory: 1024m}}}"
        ),
        .service(
            "watched paths",
            "develop: {watch: [{path: \"\", action: rebuild}, {path: ., action: sync}]}"
        ),
        .service("namespaces of no service", "network_mode: service:db\nlinks: [cache]"),
        .service("a place far to the right", longLine),
        .service("network mode and networks", "network_mode: host\nnetworks: [default]"),
        .service(
            "platform that is not built",
            "platform: linux/arm64\nbuild: {context: ., platforms: [linux/amd64]}"
        ),
        MessageCase("neither image nor build", "services: {web: {user: me}}\n"),
        MessageCase(
            "undefined references",
            """
            services:
              web:
                image: x
                networks: [frnt]
                volumes: [data:/d]
                secrets: [s]
                configs: [c]
                models: [m]
                depends_on: [dbb]
              db:
                build: {context: ., secrets: [b], additional_contexts: {base: "service:web", o: "service:x"}}
            networks: {front: }
            """
        ),
        MessageCase(
            "dependency that its profile leaves out",
            "services: {web: {image: x, depends_on: [db]}, db: {image: y, profiles: [data]}}\n"
        ),
        MessageCase(
            "circle of dependencies",
            "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [c]}\n  c: {image: x, depends_on: [a]}\n"
        ),
        MessageCase(
            "one container name twice",
            "services:\n  a: {image: x, container_name: it}\n  b: {image: x, container_name: it}\n"
        ),
        MessageCase(
            "wrong networks",
            "services: {web: {image: x}}\nnetworks: {default: {ipam: {config: [{subnet: 10.0.0.0, ip_range: x, gateway: y}]}}}\n"
        ),
        MessageCase(
            "external volume with a driver",
            "services: {web: {image: x, volumes: [v1:/v]}}\nvolumes: {v1: {external: true, driver: local}}\n"
        ),
        MessageCase(
            "secrets without and with sources",
            "services: {web: {image: x, secrets: [a, b]}}\nsecrets: {a: {}, b: {file: f, environment: E}}\n"
        ),
        MessageCase(
            "project name",
            "services: {web: {image: x}}\n",
            environment: ["COMPOSE_PROJECT_NAME": "My Shop"]
        ),
    ]

    private static let all = syntax + files + keys + values + rules

    @Test("every kind of error has its place, its words and what to do")
    func messages() throws {
        try Golden("errors.txt").compare(MessageCase.listing(Self.all))
        for item in Self.all {
            let text = item.shown
            let errors = text.split(separator: "\n").filter { !$0.hasPrefix("warning: ") }
            #expect(!errors.isEmpty && text.hasSuffix("\n"), "\(item.name)")
        }
    }

    @Test(
        "bytes that are no text are named with their place",
        arguments: [
            (
                Array("name: a\nservices: {web: {image: \"ü".utf8) + [0xFF],
                "compose.yaml:2:27: the byte 0xFF at offset 35 is not UTF-8; save the file as UTF-8"
            ),
            (
                Array("name: a\u{1}b\n".utf8),
                "compose.yaml:1:8: the control character 0x01 at byte 7 is not allowed; remove it, or "
                    + "write it as an escape in double quotes"
            ),
            (
                [0xFF, 0xFE, 0x6E, 0x00],
                "compose.yaml: the file is UTF-16, not UTF-8; save it as UTF-8"
            ),
        ]
    )
    func bytes(content: [UInt8], expected: String) throws {
        struct Bytes: FileReader {
            var content: [UInt8]
            func kind(of path: String) -> FileKind? {
                path == "/project/compose.yaml" ? .file : nil
            }
            func read(_ path: String) throws(FileReadError) -> [UInt8] { content }
            func homeDirectory(ofUser name: String) -> String? { nil }
        }
        let error = try #require(throws: ComposeError.self) {
            try ComposeLoader(files: Bytes(content: content)).load(.test())
        }
        #expect(error.description == expected)
    }

    @Test(
        "lines and columns are those of an editor",
        arguments: [
            "\u{FEFF}servics: {}\n", "servics: {}\r\n", "servics: {}\r", "servics: {}\u{85}",
        ]
    )
    func positions(text: String) throws {
        let error = try #require(throws: ComposeError.self) { try load(text) }
        #expect(
            error.problems.first?.rendered() == """
                compose.yaml:1:1: unknown key "servics"; did you mean "services"?
                    1 | servics: {}
                      | ^
                """
        )
    }

    @Test(
        "a later line is found whatever ends the lines before it",
        arguments: [
            "\n", "\r\n", "\r", "\u{2028}",
        ]
    )
    func lineEnds(end: String) throws {
        let text = ["# ü", "services:", "  web:", "    image: x", "    prots: []", ""]
            .joined(separator: end)
        let error = try #require(throws: ComposeError.self) { try load(text) }
        #expect(
            error.problems.first?.rendered() == """
                compose.yaml:5:5: services.web: unknown key "prots"; did you mean "ports"?
                    5 |     prots: []
                      |     ^
                """
        )
    }

    @Test("a file with a mark of its encoding and DOS line ends loads like any other")
    func encoded() throws {
        let plain = "services:\n  web:\n    image: x\n    command: |\n      a\n      b\n"
        let dos = "\u{FEFF}" + plain.replacing("\n", with: "\r\n")
        #expect(try load(dos).yaml() == load(plain).yaml())
    }
}
