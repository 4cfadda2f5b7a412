import Compose
import TestSupport
import Testing

/// What is right by the specification, and not what was meant: one case for each, and the words in
/// `Goldens/traps.txt`.
@Suite("Lints")
struct LintTests {
    static let commands: [MessageCase] = [
        .service("and", "command: echo a && echo b"),
        .service("or", "entrypoint: run || true"),
        .service("pipe", "command: cat /etc/hosts | wc -l"),
        .service("redirection", "command: \"date > /tmp/now\""),
        .service("numbered redirection", "command: run 2>&1"),
        .service("semicolon", "command: cd /app; run"),
        .service("background", "command: run & wait"),
        .service("substitution", "command: echo $$(date) done"),
        .service("backticks", "command: echo `date`"),
        .service("variable of the container", "command: echo $$HOME/bin"),
        .service("in a block", "command: >\n  migrate\n  && serve\n"),
        .service("quotes in the command", "command: 'echo \"a b\" && run'"),
        .service("operator in a list", "command: [run, a, \"&&\", run, b]"),
        .service(
            "healthcheck in exec form",
            "healthcheck:\n  test: [CMD, curl, -f, x, \"||\", exit, \"1\"]"
        ),
        .service("healthcheck of one text", "healthcheck: {test: [CMD, \"curl -f x\"]}"),
        .service(
            "healthcheck with more than a script",
            "healthcheck: {test: [CMD-SHELL, curl, -f]}"
        ),
        .service("hook", "post_start:\n  - command: touch a; touch b"),
        .service("unset variable in a command", "command: run --token $TOKEN"),
        .service("unset variable in a block", "entrypoint: |\n  run\n    --host ${HOST}\n"),
        .service("unset variable in a healthcheck", "healthcheck: {test: \"curl $URL\"}"),
        MessageCase(
            "unset variable in an inline config",
            """
            services: {web: {image: "x${TAG}", configs: [c]}}
            configs:
              c:
                content: |
                  listen 80;
                  root $document_root/${TAG};
            """
        ),
    ]

    static let numbers: [MessageCase] = [
        .service("size with an exponent", "mem_limit: 1e3"),
        .service("size larger than any", "mem_limit: 9223372036854775808"),
        .service("size with a fraction", "shm_size: 1.5"),
        .service("size without a unit", "mem_limit: 512"),
        .service("size of the resources", "deploy: {resources: {limits: {memory: 1k}}}"),
        .service("version as a number", "environment: {PYTHON: 3.10, NODE: 20}"),
        .service("octal", "environment:\n  UMASK: 022\n  COLOUR: 0xFF\n  BIG: 1_000\n  EXP: 1e3"),
        .service("boolean", "labels: {debug: True}"),
        .service("decimal mode", "volumes: [{type: tmpfs, target: /t, tmpfs: {mode: 1777}}]"),
        .service("base 60", "ports:\n  - 22:22\n  - 8022:22\n  - \"23:23\"\n  - 8080:80"),
        .service("yes for a boolean", "tty: yes"),
    ]

    static let lists: [MessageCase] = [
        .service("variable listed twice", "environment:\n  - A=1\n  - B=1\n  - A=2"),
        .service("quotes in a list", "environment:\n  - NAME=\"Ann Lee\"\n  - OTHER='x'"),
        .service("mount used twice", "volumes: [\"./a:/d\", \"./b:/d\"]"),
        .service("unknown volume option", "volumes: [\"./a:/d:roo\"]"),
        MessageCase(
            "volume of one letter",
            "services: {web: {image: x, volumes: [\"c:/data\"]}}\n"
        ),
    ]

    static let resources: [MessageCase] = [
        MessageCase(
            "obsolete version",
            "version: \"3.8\"\nservices: {web: {image: x}}\n"
        ),
        MessageCase(
            "one port of two services",
            """
            services:
              web: {image: x, ports: ["8080:80"]}
              api: {image: x, ports: ["127.0.0.1:8080:90"]}
              udp: {image: x, ports: ["8080:80/udp"]}
            """
        ),
        MessageCase(
            "ranges that overlap",
            """
            services:
              web: {image: x, ports: ["8000-8002:80-82"]}
              api: {image: x, ports: ["8002-8003:80-81"]}
            """
        ),
        .service("one port twice in a service", "ports: [\"80:80\", \"80:81\"]"),
        .service("port of several containers", "ports: [\"80:80\"]\nscale: 2"),
        .service("range of fewer ports than containers", "ports: [\"80-81:80\"]\nscale: 3"),
        MessageCase(
            "address of several containers",
            """
            services:
              web:
                image: x
                scale: 2
                networks: {n: {ipv4_address: 10.1.0.2}}
            networks: {n: {ipam: {config: [{subnet: 10.1.0.0/24}]}}}
            """
        ),
        .service("every capability", "cap_add: [SYS_ADMIN, all]"),
        .service(
            "capabilities that open the sandbox",
            "cap_add: [KILL, sys_admin, CAP_SYS_MODULE]"
        ),
        .service("ports of the host's network", "network_mode: host\nports: [\"80:80\"]"),
        MessageCase(
            "declared and not used",
            """
            services: {web: {image: x}}
            networks: {back: {}}
            volumes: {data: }
            secrets: {key: {file: ./key}}
            configs: {conf: {file: ./conf}}
            models: {llm: {model: m}}
            """
        ),
        MessageCase(
            "secret of a variable that is not set",
            "services: {web: {image: x, secrets: [s]}}\nsecrets: {s: {environment: TOKEN}}\n"
        ),
        MessageCase(
            "external resource with more",
            "services: {web: {image: x, networks: [n]}}\nnetworks: {n: {external: true, driver: bridge}}\n"
        ),
        MessageCase(
            "old form of external",
            "services: {web: {image: x, networks: [n]}}\nnetworks: {n: {external: {name: real}}}\n"
        ),
    ]

    private static let all = commands + numbers + lists + resources

    @Test("every trap is a warning at its place")
    func messages() throws {
        try Golden("traps.txt").compare(MessageCase.listing(Self.all))
        for item in Self.all { #expect(item.shown.hasPrefix("warning: "), "\(item.name)") }
    }

    @Test(
        "what up itself refuses, with its flags in mind, is no warning of a load to run",
        arguments: [
            "ports: [\"80:80\"]\nscale: 2", "ports: [\"80:80\", \"80:81\"]",
        ]
    )
    func saidOnce(body: String) throws {
        let text = MessageCase.service("", body).text
        #expect(try loadText(text, options: .test(.config)).warnings.count == 1)
        #expect(try loadText(text, options: .test(.run)).warnings.isEmpty)
    }

    @Test("a file with a trap still loads, but not strictly")
    func strict() throws {
        for item in Self.all {
            var options = LoadOptions.test(environment: item.environment)
            #expect(problems(item.text, options: options).isEmpty, "\(item.name)")
            options.strictness = .warnings
            #expect(!problems(item.text, options: options).isEmpty, "\(item.name)")
        }
    }

    @Test(
        "what is meant as it is written is no trap",
        arguments: [
            "command: sh -c \"a && b\"",
            "command: [\"sh\", \"-c\", \"a && b | c > d\"]",
            "command: bash -c 'echo $$HOME'",
            "command: --price 5$$",
            "command: awk '{print $$1}'",
            "command: [cut, -d, \"|\"]",
            "command: [find, ., -exec, \"{}\", \";\"]",
            "healthcheck: {test: \"curl -f x || exit 1\"}",
            "healthcheck: {test: [CMD-SHELL, \"a || b\"]}",
            "healthcheck: {test: [CMD, pg_isready, -U, postgres]}",
            "restart: no",
            "environment: {A: 20, B: 1.5, C: true, D: \"3.10\", E: yes, F: 2020-01-01, G: -1}",
            "environment: [A=1, \"B=\\\"x\\\" \\\"y\\\"\", C]",
            "mem_limit: 64m",
            "ports: [80, \"8080:80\", 9090:90, \"127.0.0.1:1:1\"]",
            "ports: [\"80:80\", \"80:80/udp\"]",
            "ports: [\"8000-8002:80\", \"8001-8003:81\"]",
            "volumes: [\"data:/d:ro\", \"./x:/y\"]",
        ]
    )
    func untrapped(attribute: String) throws {
        let text = "services:\n  web:\n    image: x\n    \(attribute)\nvolumes: {data: }\n"
        let used =
            attribute.contains("data:") ? text : text.replacing("volumes: {data: }\n", with: "")
        #expect(try load(used).warnings.map(\.description) == [])
    }

    @Test("a line that several services share is told once")
    func shared() throws {
        let text = """
            x-env: &env {VERSION: 3.10}
            services:
              a: {image: x, environment: *env}
              b: {image: x, environment: {<<: *env, B: 1}}
              c:
                image: x
                command: &run |
                  first &&
                  second
              d: {image: x, command: *run}
              e: {extends: c}
            """
        #expect(
            try load(text).warnings.map(\.position).map(\.description) == [
                "compose.yaml:1:23", "compose.yaml:8:13",
            ]
        )
    }

    @Test(
        "nothing is called unused where a mistake may have kept its use from being read",
        arguments: [
            ("volumes: ['v:/data', 5]", 0), ("volmes: ['v:/data']", 0), ("prots: ['80']", 0),
            ("volumes: ['v:/data', '${X']", 0), ("build: {context: ., sercets: [v]}", 0),
            ("networks: {v: 5}", 0), ("image: x", 1),
        ]
    )
    func unread(attribute: String, count: Int) throws {
        let text = "services: {web: {\(attribute)}, db: {image: y}}\nvolumes: {v: {}, w: 5}\n"
        let error = #expect(throws: ComposeError.self) { try load(text) }
        let warnings = (error?.warnings ?? []).filter { $0.path == "volumes.v" }
        #expect(warnings.count == count, "\(warnings)")
    }

    @Test("what any service uses is used, whatever its profile")
    func used() throws {
        let text = """
            services:
              web: {image: x, networks: [front, default]}
              job:
                image: x
                profiles: [job]
                volumes: [data:/d]
                secrets: [s]
                configs: [c]
                build: {context: ., secrets: [b]}
            networks: {front: , default: {driver: bridge}}
            volumes: {data: }
            secrets: {s: {file: ./s}, b: {file: ./b}}
            configs: {c: {file: ./c}}
            """
        #expect(try load(text).warnings == [])
    }
}
