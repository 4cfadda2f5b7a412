import OrderedCollections
import TestSupport
import Testing

@testable import Compose

/// Attributes that change nothing on one machine.
@Suite("Notes")
struct NoteTests {
    @Test(
        "an attribute that changes nothing gives one note at its place, and the project runs",
        arguments: [
            ("credential_spec: {file: a.json}", "credential_spec"),
            ("security_opt: [\"label=type:a_t\"]", "security_opt[0]"),
            ("build: {context: ., sbom: true}", "build.sbom"),
            ("deploy: {placement: {constraints: [a]}}", "deploy.placement"),
            ("deploy: {rollback_config: {order: start-first}}", "deploy.rollback_config"),
            (
                "deploy: {update_config: {max_failure_ratio: 0.5}}",
                "deploy.update_config.max_failure_ratio"
            ),
            ("deploy: {mode: global}", "deploy.mode"),
            ("deploy: {labels: {a: b}}", "deploy.labels"),
            (
                "deploy: {restart_policy: {condition: any, delay: 5s}}",
                "deploy.restart_policy.delay"
            ),
            (
                "deploy: {resources: {reservations: {cpus: \"1\"}}}",
                "deploy.resources.reservations.cpus"
            ),
            ("volumes: [\"./a:/b:z\"]", "volumes[0].bind.selinux"),
            ("volumes: [\"./a:/b:ro,Z\"]", "volumes[0].bind.selinux"),
            (
                "volumes: [{type: bind, source: ./a, target: /b, consistency: cached}]",
                "volumes[0].consistency"
            ),
            ("cpu_percent: 50", "cpu_percent"),
        ]
    )
    func noted(attribute: String, path: String) throws {
        let text = "services:\n  db: {image: x}\n  web:\n    image: x\n    \(attribute)\n"
        let loaded = try load(text, options: .test(.run))
        let notes = loaded.warnings
        #expect(notes.map(\.path) == ["services.web.\(path)"])
        #expect(notes.first?.position.line == 5)
        #expect(notes.first?.message.hasPrefix("changes nothing here: ") == true)
        #expect(try load(text).warnings.isEmpty, "config only shows it")
    }

    @Test("an attribute that asks for what is done anyway is carried out")
    func ordinary() throws {
        let text = """
            services:
              web:
                image: x
                platform: linux/amd64
                deploy: {mode: replicated}
                volumes: [{type: bind, source: ./a, target: /b, bind: {recursive: enabled}}]
            networks:
              default: {enable_ipv4: true, enable_ipv6: false}
            """
        #expect(try load(text, options: .test(.run)).warnings.isEmpty)
    }

    @Test(
        "another value of such an attribute is refused",
        arguments: [
            "use_api_socket: true"
        ]
    )
    func refused(attribute: String) {
        let found = problems(
            "services:\n  db: {image: x}\n  web:\n    image: x\n    \(attribute)\n",
            options: .test(.run)
        )
        #expect(found.contains("cannot be carried out"), "\(found)")
    }

    @Test("a link between services that share no network is refused")
    func unreachableLink() {
        let found = problems(
            """
            services:
              db: {image: x, networks: [n]}
              web: {image: x, links: [db]}
            networks: {n: }
            """,
            options: .test(.run)
        )
        #expect(found.hasPrefix("compose.yaml:3:27: services.web.links[0]: not supported yet"))
    }
}
