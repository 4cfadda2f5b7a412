import Compose
import OrderedCollections
import Testing

/// What the engine does not carry out is refused when the project is to be run, and shown by
/// `config` all the same.
@Suite("Refusals")
struct RefusalTests {
    @Test(
        "an attribute that is not carried out is named at its place",
        arguments: [
            ("deploy: {replicas: 2}", "services.web.deploy"),
            ("privileged: true", "services.web.privileged"),
            ("network_mode: host", "services.web.network_mode"),
            ("secrets: [s]", "services.web.secrets"),
            ("mem_limit: 64m", "services.web.mem_limit"),
            ("tty: true", "services.web.tty"),
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
                "compose.yaml:4:5: \(path): not supported yet"
            )
        )
        _ = try load(text)
    }

    @Test("a value that asks for nothing is not refused")
    func harmless() throws {
        _ = try load(
            "services: {web: {image: x, privileged: false, devices: [], tty: false}}",
            options: .test(.run)
        )
    }

    @Test("a service that its profile leaves out is not refused")
    func disabled() throws {
        let loaded = try load(
            "services: {web: {image: x}, debug: {image: x, tty: true, profiles: [debug]}}",
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
            ("pull_policy: daily", "pull_policy"),
            ("logging: {driver: syslog}", "logging.driver"),
            ("build: https://example.com/x.git", "build.context"),
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
