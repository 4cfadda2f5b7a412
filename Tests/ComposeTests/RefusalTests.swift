import OrderedCollections
import TestSupport
import Testing
import TextForms

@testable import Compose

/// What the engine does not carry out is refused when the project is to be run, and shown by
/// `config` all the same.
@Suite("Refusals")
struct RefusalTests {
    @Test(
        "an attribute that is not carried out is named at its place",
        arguments: [
            ("use_api_socket: true", "services.web.use_api_socket")
        ]
    )
    func refused(attribute: String, path: String) throws {
        let text = """
            services:
              web:
                image: nginx
                \(attribute)
            secrets:
              s: {file: ./s}
            """
        #expect(
            problems(text, options: .test(.run)).contains(
                "compose.yaml:4:5: \(path): cannot be carried out: there is no daemon here"
            )
        )
        _ = try load(text)
    }

    @Test("images ask for what they come of, not for what only a run needs")
    func images() throws {
        let text = """
            services:
              web:
                build: .
                hostname: localhost
                gpus: all
                secrets: [s]
                configs: [c]
                ports: ["[::1]:80:80"]
                scale: 2
                networks: [n]
            secrets: {s: {file: ./missing}}
            configs: {c: {environment: UNSET}, unused: {file: ./missing}}
            networks: {n: {driver: overlay}}
            """
        let loaded = try load(text, options: .test(.images))
        #expect(loaded.project.services["web"]?.build?.context == "/project")
        #expect(loaded.warnings == [])
    }

    @Test(
        "what an image comes of and is not carried out is refused for images, too",
        arguments: [
            ("build: {context: ., network: mine}", ".build.network"),
            ("build: {context: ., entitlements: [device]}", ".build.entitlements[0]"),
            ("build: {context: \"oci-layout:///a\"}", ".build.context"),
        ]
    )
    func refusedOfImages(attribute: String, path: String) {
        let found = problems(
            "services: {web: {image: x, \(attribute)}}\nsecrets: {s: {file: ./s}}\n",
            options: .test(.images)
        )
        #expect(
            found.contains("services.web\(path): not supported yet")
                || found.contains("services.web\(path): cannot be carried out: "),
            "\(found)"
        )
    }

    @Test("more containers than a network connects are refused where their number stands")
    func replicas() throws {
        for count in ["1024", "100000000"] {
            #expect(
                problems("services:\n  web:\n    image: x\n    scale: \(count)\n").contains(
                    "compose.yaml:4:12: services.web.scale: a service can have 1023 containers, "
                        + "not \(count); a network of Linux connects no more than that"
                )
            )
        }
        #expect(problems("services: {web: {image: x, deploy: {replicas: 1024}}}") != "")
        _ = try load("services: {web: {image: x, scale: 1023}}")
    }

    @Test("a value that asks for nothing is not refused")
    func harmless() throws {
        _ = try load(
            "services: {web: {image: x, privileged: false, devices: [], oom_kill_disable: false}}",
            options: .test(.run)
        )
    }

    @Test("a service that its profile leaves out is not refused")
    func disabled() throws {
        let loaded = try load(
            "services: {web: {image: x}, debug: {image: x, privileged: true, profiles: [debug]}}",
            options: .test(.run)
        )
        #expect(Array(loaded.project.services.keys) == ["web"])
        #expect(Array(loaded.project.disabledServices.keys) == ["debug"])
    }

    @Test(
        "a value that the engine has no meaning for is named",
        arguments: [
            ("volumes: [{type: npipe, source: a, target: /b}]", "volumes[0].type"),
            ("ports: [\"80:80/sctp\"]", "ports[0].protocol"),
            ("build: ftp://example.com/x.git", "build.context"),
            (
                "build: {additional_contexts: {lib: s3://x/y}}",
                "build.additional_contexts.lib"
            ),
        ]
    )
    func values(attribute: String, path: String) {
        let found = problems(
            "services:\n  web:\n    image: x\n    \(attribute)\n",
            options: .test(.run)
        )
        #expect(found.contains("services.web.\(path): "), "\(found)")
        #expect(found.contains("not supported yet"), "\(found)")
    }

    @Test(
        "a path of Windows, or a volume of one letter, is refused with what to write instead",
        arguments: [
            (
                "v:/v",
                "\"v:/v\" is not an absolute path in the container: one letter and a colon are a "
                    + "drive; give the volume a longer name, or write {type: volume, source: v, "
                    + "target: /v}"
            ),
            (
                #"C:\x:/y"#,
                #""C:\x" is a path of Windows, and this machine has no drives; "#
                    + "write where the folder is on this machine"
            ),
        ]
    )
    func windows(volume: String, words: String) {
        let text = "services: {web: {image: x, volumes: ['\(volume)']}}\nvolumes: {v: }\n"
        let found = problems(text, options: .test(.run))
        #expect(found.contains("compose.yaml:1:38: services.web.volumes[0]: \(words)"), "\(found)")
    }

    @Test("an IPv6 address without brackets is refused with the port as it is to be written")
    func brackets() {
        let text = "services: {web: {image: x, ports: ['::1:80:80/udp']}}\n"
        #expect(problems(text).contains("write \"[::1]:80:80/udp\""))
    }

    @Test(
        "a size or number of log files that makes no sense is refused where it stands",
        arguments: [
            ("max-size", "0"), ("max-size", "-1"), ("max-size", "10x"), ("max-size", ""),
            ("max-file", "0"), ("max-file", "two"), ("max-file", "99999999999"),
        ]
    )
    func logOptions(option: String, value: String) {
        let found = problems(
            "services:\n  web:\n    image: x\n    logging:\n      options:\n"
                + "        \(option): \"\(value)\"\n",
            options: .test(.run)
        )
        let place = "compose.yaml:6:19: services.web.logging.options.\(option): "
        #expect(found.contains("\(place)\"\(value)\" is not "), "\(found)")
    }

    @Test(
        "an option that a log driver does not have, or that contradicts another one, is refused",
        arguments: [
            ("json-file", "foo: bar", "6:17", "foo: unknown option of the log driver json-file"),
            ("local", "tag: x", "6:17", "tag: unknown option of the log driver local"),
            ("local", "mode: fast", "6:23", "mode: unknown mode \"fast\""),
            ("local", "max-buffer-size: 1m", "6:17", "max-buffer-size: only the mode non-blocking"),
            ("json-file", "compress: 'true'", "6:27", "compress: there is no older file"),
            ("local", "compress: maybe", "6:27", "compress: \"maybe\" is not true or false"),
            ("syslog", "max-size: 1m", "6:17", "max-size: unknown option of the log driver syslog"),
            (
                "syslog", "syslog-address: 'ftp://a'", "6:33",
                "syslog-address: \"ftp://a\" is not the"
            ),
            (
                "syslog", "syslog-address: 'udp://a:x'", "6:33",
                "syslog-address: \"udp://a:x\" is not"
            ),
            (
                "syslog", "syslog-address: 'unix://log'", "6:33",
                "syslog-address: \"unix://log\" names no"
            ),
            (
                "syslog", "syslog-address: 'tcp+tls://a:1'", "6:33",
                "syslog-address: \"tcp+tls://a:1\": con"
            ),
            ("syslog", "syslog-facility: loud", "6:34", "syslog-facility: there is no facility"),
            ("syslog", "syslog-format: json", "6:32", "syslog-format: unknown format \"json\""),
            ("syslog", "tag: '{{.'", "6:22", "tag: \"{{.\" is not a template: "),
            ("gelf", "gelf-address: 'unix:///a'", "6:31", "gelf-address: \"unix:///a\" is not the"),
            ("gelf", "gelf-address: 'udp://a'", "6:31", "gelf-address: \"udp://a\" is not the"),
            (
                "fluentd", "fluentd-request-ack: 'true'", "6:38",
                "fluentd-request-ack: not supported"
            ),
            (
                "fluentd", "fluentd-address: 'tls://a:1'", "6:34",
                "fluentd-address: \"tls://a:1\": con"
            ),
            ("journald", "env-regex: '('", "6:28", "env-regex: \"(\" is not a regular expression"),
        ]
    )
    func logDriverOptions(driver: String, option: String, place: String, words: String) {
        let found = problems(
            "services:\n  web:\n    image: x\n    logging:\n      driver: \(driver)\n"
                + "      options: {\(option)}\n",
            options: .test(.run)
        )
        let expected = "compose.yaml:\(place): services.web.logging.options.\(words)"
        #expect(found.contains(expected), "\(found)")
    }

    @Test(
        "what docker's log drivers take is taken",
        arguments: [
            "{driver: none, options: {foo: bar}}", "{driver: local}", "{driver: ''}",
            "{driver: local, options: {compress: 'true', mode: non-blocking, max-buffer-size: 1m}}",
            "{driver: json-file, options: {max-size: 1m, max-file: '3', compress: 'true'}}",
            "{options: {tag: x, labels: a, env: B, labels-regex: a., env-regex: b.}}",
            "{driver: syslog}", "{driver: journald, options: {tag: '{{.Name}}', labels: a}}",
            "{driver: syslog, options: {syslog-address: 'udp://log', syslog-facility: '16'}}",
            "{driver: syslog, options: {syslog-address: 'tcp://[::1]:601', syslog-format: rfc5424}}",
            "{driver: gelf, options: {gelf-address: 'udp://log:12201', gelf-compression-type: gzip}}",
            "{driver: fluentd}", "{driver: fluentd, options: {fluentd-address: 'log:1', env: A}}",
            "{driver: fluentd, options: {fluentd-address: 'unix:///run/f', fluentd-async: 'true'}}",
            "{driver: 'grafana/loki-docker-driver:3', options: {loki-url: 'http://a'}}",
        ]
    )
    func logDrivers(logging: String) throws {
        _ = try load("services: {web: {image: x, logging: \(logging)}}", options: .test(.run))
    }

    @Test(
        "a value that no container can be given is refused where it stands",
        arguments: [
            ("cpus: -1", "4:11", "cpus: must not be negative"),
            ("shm_size: -1", "4:15", "shm_size: must not be negative"),
            (
                "deploy: {resources: {limits: {cpus: '-1'}}}", "4:41",
                "deploy.resources.limits.cpus: must"
            ),
            ("ulimits: {nofile: -5}", "4:23", "ulimits.nofile: -5 is not a limit"),
            ("working_dir: a/b", "4:18", "working_dir: \"a/b\" is not an absolute path"),
            ("mem_limit: -5", "4:16", "mem_limit: -5 bytes are less than the 6 MiB"),
        ]
    )
    func impossible(attribute: String, place: String, words: String) {
        let found = problems(
            "services:\n  web:\n    image: x\n    \(attribute)\n",
            options: .test(.run)
        )
        #expect(found.contains("compose.yaml:\(place): services.web.\(words)"), "\(found)")
    }

    @Test("a variable without a name is refused")
    func namelessVariable() {
        let found = problems(
            "services: {web: {image: x, environment: ['=x']}}",
            options: .test(.run)
        )
        #expect(found.contains("a variable has no name"), "\(found)")
    }

    @Test("a log driver that there is not is refused with the one that was meant")
    func unknownLogDriver() {
        let found = problems(
            "services:\n  web:\n    image: x\n    logging: {driver: sylog}\n",
            options: .test(.run)
        )
        let place = "compose.yaml:4:23: services.web.logging.driver: "
        #expect(found.contains("\(place)there is no log driver \"sylog\""), "\(found)")
        #expect(found.contains("did you mean \"syslog\""), "\(found)")
    }

    @Test(
        "sizes of log files are decimal, as Docker reads them",
        arguments: [
            ("100k", 100_000), ("1.5m", 1_500_000), ("2GiB", 2_000_000_000), ("7", 7),
        ] as [(String, Int64)]
    )
    func logSizes(text: String, bytes: Int64) {
        #expect(ByteSize.parseDecimal(text) == bytes)
    }

    @Test(
        "a text that is no host name is refused where it stands",
        arguments: [
            "a b", "a\\nb", "a..b", ".a", "a.", "ä", "a/b",
            String(repeating: "x", count: 64) + ".y",
        ]
    )
    func hostnames(text: String) {
        let found = problems(
            "services:\n  web:\n    image: x\n    hostname: \"\(text)\"\n",
            options: .test(.run)
        )
        #expect(found.contains("compose.yaml:4:15: services.web.hostname: "), "\(found)")
    }

    @Test(
        "names of hosts that Docker takes are taken",
        arguments: ["h1.dom", "my_host", "a-1", "-"]
    )
    func goodHostnames(text: String) {
        let found = problems(
            "services:\n  web:\n    image: x\n    hostname: \(text.debugDescription)\n",
            options: .test(.run)
        )
        #expect(found == "")
    }

    @Test(
        "names that mean one thing everywhere cannot be claimed",
        arguments: ["localhost", "LOCALHOST", "a.localhost", "host.docker.internal"]
    )
    func reservedAliases(alias: String) {
        let found = problems(
            """
            services: {web: {image: x, networks: {n: {aliases: [ok, \(alias)]}}}}
            networks: {n: {}}
            """,
            options: .test(.run)
        )
        let place = "compose.yaml:1:57: services.web.networks.n.aliases[1]: "
        #expect(found.contains("\(place)\"\(alias)\" cannot be a container's name"), "\(found)")
    }

    @Test(
        "nor as a host name or a container's name",
        arguments: ["localhost", "a.localhost", "host.docker.internal", "gateway.docker.internal"]
    )
    func reservedNames(text: String) {
        let found = problems(
            "services: {web: {image: x, hostname: \(text), container_name: \(text)}}\n",
            options: .test(.run)
        )
        for attribute in ["hostname", "container_name"] {
            #expect(
                found.contains(
                    "services.web.\(attribute): \"\(text)\" cannot be a container's name"
                ),
                "\(found)"
            )
        }
    }

    @Test(
        "nor as the name of a service, which its containers answer to",
        arguments: ["localhost", "Localhost", "host.docker.internal", "gateway.docker.internal"]
    )
    func reservedServices(name: String) {
        let text = "services:\n  \(name):\n    image: x\n"
        let found = problems(text, options: .test(.run))
        #expect(
            found.contains(
                "compose.yaml:2:3: services.\(name): \"\(name)\" cannot be a container's name"
            ),
            "\(found)"
        )
        #expect(problems(text, options: .test(.config)) == "")
    }

    @Test("networks and volumes with other drivers are named")
    func drivers() {
        let found = problems(
            """
            services: {web: {image: x, networks: [n], volumes: ["data:/d"]}}
            networks: {n: {driver: overlay}}
            volumes: {data: {driver: nfs}}
            """,
            options: .test(.run)
        )
        #expect(found.contains("compose.yaml:2:24: networks.n.driver: not supported yet"))
        #expect(found.contains("compose.yaml:3:26: volumes.data.driver: not supported yet"))
    }
}
