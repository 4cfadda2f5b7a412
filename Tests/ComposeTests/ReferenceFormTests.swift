import Compose
import OrderedCollections
import TestSupport
import Testing

/// Forms and values as docker compose 2.40 and compose-go print them.
@Suite("Forms of the reference")
struct ReferenceFormTests {
    /// The lines that `config` prints of a service beneath its name, but for image and networks.
    private func printed(_ attribute: String, files: [String: String] = [:]) throws -> String {
        var options = LoadOptions.test()
        options.without = [.normalise, .checkReferences]
        options.projectName = "p"
        let text = "services:\n  web:\n    \(attribute)\n"
        let yaml = try loadText(text, files: files, options: options).yaml()
        // A service of which nothing is said.
        if yaml == "name: p\nservices:\n  web: {}\n" { return "" }
        return String(yaml.dropFirst("name: p\nservices:\n  web:\n".count))
    }

    @Test(
        "a value is printed as the reference prints it",
        arguments: [
            ("environment: {A: 1000000.0}", "environment:\n      A: \"1e+06\"\n"),
            ("environment: {A: 12345678.9}", "environment:\n      A: \"1.23456789e+07\"\n"),
            ("environment: {A: 999999.5}", "environment:\n      A: \"999999.5\"\n"),
            ("environment: {A: 0.00001}", "environment:\n      A: \"1e-05\"\n"),
            ("labels: {A: 1e6}", "labels:\n      A: \"1e+06\"\n"),
            (
                "environment: {A: 12345678901234567890}",
                "environment:\n      A: \"12345678901234567890\"\n"
            ),
            (
                "environment: {A: 0xFFFFFFFFFFFFFFFF}",
                "environment:\n      A: \"18446744073709551615\"\n"
            ),
            (
                "environment: {A: 18446744073709551616}",
                "environment:\n      A: \"1.8446744073709552e+19\"\n"
            ),
            ("gpus: [{driver: nvidia}]", "gpus:\n      - driver: nvidia\n        count: -1\n"),
            (
                "gpus: [{driver: nvidia, device_ids: [a]}]",
                "gpus:\n      - driver: nvidia\n        device_ids:\n          - a\n"
            ),
            (
                "build: {context: ., ssh: [\"key=./id_rsa\", default]}",
                "build:\n      context: /project\n      ssh:\n        - key=/project/id_rsa\n        - default\n"
            ),
            ("build: /abs//x/", "build:\n      context: /abs//x/\n"),
            (
                "volumes: [\"/srv//data/:/d/\"]",
                "volumes:\n      - type: bind\n        source: /srv//data/\n        target: /d\n        bind: {}\n"
            ),
            ("dns_search: \"\"", "dns_search:\n      - \"\"\n"),
            ("tmpfs: \"\"", "tmpfs:\n      - \"\"\n"),
            ("dns: \"\"", ""),
            ("dns: [\"\", 1.1.1.1]", "dns:\n      - 1.1.1.1\n"),
            ("labels: {a: \"\\nb\\n\"}", "labels:\n      a: |\n\n        b\n"),
            ("labels: {a: \"\\n b\\n\"}", "labels:\n      a: |2\n\n         b\n"),
            ("restart: ${POLICY:-}", ""),
            (
                "deploy: {restart_policy: {condition: unless-stopped}}",
                "deploy:\n      restart_policy:\n        condition: unless-stopped\n"
            ),
            ("deploy: {restart_policy: {condition: \"\"}}", "deploy:\n      restart_policy: {}\n"),
            (
                "volumes: [{type: tmpfs, target: /t, tmpfs: {mode: 0755}}]",
                "volumes:\n      - type: tmpfs\n        target: /t\n        tmpfs:\n          mode: 493\n"
            ),
        ]
    )
    func prints(attribute: String, expected: String) throws {
        #expect(try printed(attribute) == (expected.isEmpty ? "" : "    " + expected))
    }

    @Test("the mode of a tmpfs reaches the container")
    func tmpfsMode() throws {
        let text = """
            services:
              web:
                image: x
                volumes: [{type: tmpfs, target: /t, tmpfs: {mode: 0755}}]
            """
        let mounts = try loadText(text).project.services["web"]?.volumes
        #expect(mounts?.first?.source == .tmpfs(sizeBytes: nil, mode: 0o755))
    }

    @Test(
        "the size of a tmpfs is a whole number of bytes",
        arguments: [
            ("-1", "a size must not be negative"), ("\"-1\"", "a size must not be negative"),
            ("0.5", "must be a whole number of bytes, not a number; write it as 64m or 1g"),
        ]
    )
    func tmpfsSize(size: String, message: String) {
        let found = problems(
            "services: {a: {image: x, volumes: [{type: tmpfs, target: /t, tmpfs: {size: \(size)}}]}}"
        )
        #expect(
            found == "compose.yaml:1:76: services.a.volumes[0].tmpfs.size: " + message,
            "\(found)"
        )
    }

    @Test(
        "an env file is read as the reference reads it",
        arguments: [
            ("A= # note", "# note"), ("A=#x", "#x"), ("A= #", "#"), ("A=a # b", "a"),
            ("A=a#b", "a#b"), ("A=#x #y", "#x"), ("A=\"\" # c", ""), ("A='a\\\\'", "a\\\\"),
            ("A='a\\\\\\'b'", "a\\\\'b"), ("A='it\\'s'", "it's"), ("A='a\\b'", "a\\b"),
        ]
    )
    func envFile(line: String, value: String) throws {
        let loaded = try loadText(
            "services: {a: {image: x, env_file: e.env}}",
            files: ["e.env": line + "\n"]
        )
        #expect(loaded.project.services["a"]?.environment["A"] == value)
    }

    @Test("a file may be empty or only comments, but not all of them", arguments: ["", "# note\n"])
    func emptyFiles(text: String) throws {
        var options = LoadOptions.test()
        options.files = ["empty.yaml", "compose.yaml"]
        let whole = "services: {a: {image: x}}"
        #expect(
            try loadText(whole, files: ["empty.yaml": text], options: options)
                .project.services.count == 1
        )
        options.files = ["empty.yaml"]
        #expect(
            problems(whole, files: ["empty.yaml": text], options: options)
                == "empty.yaml: empty compose file"
        )
        #expect(
            problems(
                "services: {a: {extends: {file: empty.yaml, service: b}}}",
                files: ["empty.yaml": text]
            ).contains("service \"b\" not found in empty.yaml")
        )
    }

    @Test("a name that a variable leaves empty is no name, and nothing runs with it")
    func emptyName() throws {
        let text = """
            services: {a: {image: x, volumes: ["vol:/x"]}}
            volumes: {vol: {external: true, name: "${NOPE}"}}
            """
        #expect(try loadText(text).yaml().hasSuffix("volumes:\n  vol:\n    external: true\n"))
        #expect(
            problems(text, options: .test(.run)).contains(
                "compose.yaml:2:39: volumes.vol.name: the name is empty"
            )
        )
    }

    @Test(
        "without interpolation a variable may stand for any value",
        arguments: [
            "container_name: ${APP}-x", "restart: ${R:-always}", "pull_policy: ${P}",
            "ports: [\"${P}:80\"]", "ports: [{target: 80, published: \"${P}\"}]",
            "deploy: {restart_policy: {condition: \"${C}\"}}", "extra_hosts: [\"$H\"]",
            "secrets: [$S]", "volumes: [\"${V}:/b\"]", "links: [$L]",
        ]
    )
    func openValues(attribute: String) throws {
        var options = LoadOptions.test()
        let text = "services:\n  web:\n    image: x\n    \(attribute)\n"
        let files = MemoryFiles(["compose.yaml": text])
        #expect(try ComposeLoader(files: files).variables(options).count == 1)
        options.without.insert(.interpolate)
        #expect(try loadText(text, options: options).yaml().contains("$"))
    }

    @Test("without interpolation subnets and addresses may be open")
    func openSubnet() throws {
        var options = LoadOptions.test()
        options.without.insert(.interpolate)
        let text = """
            services: {a: {image: x}}
            networks: {n: {ipam: {config: [{subnet: "${S}", gateway: "$G", ip_range: "$R"}]}}}
            """
        #expect(try loadText(text, options: options).yaml().contains("subnet: ${S}"))
    }

    @Test(
        "without interpolation short forms of values stay",
        arguments: [
            "mem_limit: 1g", "stop_grace_period: 90s", "command: echo b",
            "extra_hosts:\n      - a:1.1.1.1", "tmpfs: /x",
        ]
    )
    func shortForms(attribute: String) throws {
        var options = LoadOptions.test()
        options.without.insert(.interpolate)
        let text = "services:\n  web:\n    image: x\n    \(attribute)\n"
        #expect(try loadText(text, options: options).yaml().contains("    \(attribute)\n"))
        #expect(
            problems("services: {web: {image: x, mem_limit: 1q}}", options: options)
                .contains("\"1q\" is not a size")
        )
    }
}
