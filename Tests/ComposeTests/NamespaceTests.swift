import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// `network_mode`, `pid`, `ipc`, `uts` and what cannot stand beside them.
@Suite("Namespaces of others")
struct NamespaceTests {
    private static func file(_ lines: String) -> String {
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        return "services:\n  db: {image: x}\n  web:\n    image: x\n\(indented)"
    }

    @Test(
        "what Docker's engine refuses beside another's namespaces is refused at its line",
        arguments: [
            (
                "network_mode: service:db\nhostname: h",
                "hostname: conflicting options: hostname and"
            ),
            (
                "network_mode: service:db\nports: [\"80\"]",
                "ports: conflicting options: port publishing and the container type network mode"
            ),
            (
                "network_mode: container:other\nexpose: [\"80\"]",
                "expose: conflicting options: port exposing and the container type network mode"
            ),
            ("network_mode: service:db\ndns: 1.1.1.1", "dns: conflicting options: dns and"),
            (
                "network_mode: service:db\nextra_hosts: [\"a:1.2.3.4\"]",
                "extra_hosts: conflicting options: custom host-to-IP mapping and the network mode"
            ),
            (
                "network_mode: service:db\nlinks: [db]",
                "links: conflicting options: container type network can't be used with links"
            ),
            (
                "network_mode: host\nlinks: [db]",
                "links: conflicting options: host type networking can't be used with links"
            ),
            ("uts: host\nhostname: h", "hostname: conflicting options: hostname and the UTS mode"),
            ("init: true\nipc: service:db", "ipc: service \"db\" does not share its IPC namespace"),
            ("init: true\npid: \"container:\"", "pid: \"container:\" names no container"),
        ]
    )
    func conflicts(lines: String, words: String) throws {
        let found = problems(Self.file(lines), options: .test(.run))
        #expect(found.contains("compose.yaml:6:"), "\(found)")
        #expect(found.contains("services.web.\(words)"), "\(found)")
        #expect(problems(Self.file(lines)) == "", "config shows it")
    }

    @Test(
        "what Docker allows is allowed",
        arguments: [
            "network_mode: host\nhostname: h", "network_mode: none\nhostname: h", "uts: private",
            "network_mode: service:db\nports: []", "ipc: none", "cgroup: host",
            "network_mode: container:other\npid: service:db",
        ]
    )
    func allowed(lines: String) throws {
        #expect(problems(Self.file(lines), options: .test(.run)) == "")
    }

    @Test("services whose namespaces it shares are those it depends on")
    func shared() throws {
        let text = """
            services:
              a: {image: x}
              b: {image: x, ipc: shareable}
              web: {image: x, network_mode: "service:a", pid: "service:a", ipc: "service:b"}
            """
        let web = try load(text, options: .test(.run)).project.services["web"]
        #expect(web?.sharedServices == ["a", "b"])
        #expect(web?.dependsOn.keys == ["a", "b"])
        #expect(web?.dependsOn.values.allSatisfy(\.restart) == true)
        #expect(web?.networks == [:])
    }

    @Test(
        "network_mode: bridge is the project's default network, declared or not",
        arguments: ["bridge", "default"]
    )
    func bridge(mode: String) throws {
        let text = "services: {web: {image: x, network_mode: \(mode)}}\n"
        let made = try load(text, options: .test(.run)).project
        #expect(made.services["web"]?.networks.keys == ["default"])
        #expect(made.networks["default"]?.name == "project_default")
        let declared = try load(
            text + "networks: {default: {name: own, internal: true}}\n",
            options: .test(.run)
        ).project
        #expect(declared.networks["default"]?.name == "own")
        #expect(declared.networks["default"]?.isInternal == true)
    }

    @Test("another network_mode is a network that exists, or one of the project by its name")
    func named() throws {
        let text = """
            services: {web: {image: x, network_mode: there}, db: {image: x, networks: [own]}}
            networks: {own: {name: mine}}
            """
        let project = try load(text, options: .test(.run)).project
        let key = try #require(project.services["web"]?.networks.keys.first)
        #expect(project.networks[key]?.name == "there")
        #expect(project.networks[key]?.external == true)
        let own = try load(text.replacing("there", with: "mine"), options: .test(.run)).project
        #expect(own.services["web"]?.networks.keys == ["own"])
        #expect(own.networks["own"]?.external == false)
    }

    @Test("what has no effect beside a network mode is a warning where it stands")
    func warnings() throws {
        let text = Self.file("network_mode: service:db\ndns_search: a.example")
        #expect(
            try load(text).warnings.map(\.path) == ["services.web.dns_search"]
        )
        let ports = Self.file("network_mode: none\nports: [\"80:80\"]")
        #expect(try load(ports, options: .test(.run)).warnings.map(\.position.line) == [6])
    }
}
