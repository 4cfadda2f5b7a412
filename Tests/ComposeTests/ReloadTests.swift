import Compose
import Testing

/// What `config` prints loads again, to the same.
@Suite("Output that is loaded again")
struct ReloadTests {
    @Test(
        "a hook without a command is refused where it is written",
        arguments: ["post_start", "pre_stop"]
    )
    func hooks(key: String) {
        let found = problems("services:\n  a:\n    image: x\n    \(key):\n      - command:\n")
        #expect(
            found == "compose.yaml:5:9: services.a.\(key)[0].command: must be a command, not empty"
        )
        #expect(problems("services: {a: {image: x, \(key): [{command: []}]}}").isEmpty)
        #expect(problems("services: {a: {image: x, command: null, entrypoint: null}}").isEmpty)
    }

    @Test(
        "a build whose context a variable leaves empty is in the project's folder",
        arguments: ["context: '${UNSET-}', ", "context: '', ", "context: , ", ""]
    )
    func context(written: String) throws {
        let text = "services: {a: {build: {\(written)dockerfile: 'https://h/x.git'}}}"
        let printed = try load(text).yaml()
        #expect(printed.contains("\n      context: /project\n"))
        #expect(try load(printed).yaml() == printed)
    }

    @Test("documents join in their order, lists and all")
    func documents() throws {
        let loaded = try load(
            """
            services: {a: {image: x, dns: [d1], labels: {k: v}}}
            ---
            services: {a: {dns: [d2], labels: {k: w, l: m}}, b: {image: y}}
            ---
            services: {a: {image: z, dns: [d3], command: [c]}}
            """
        )
        #expect(loaded.yaml().contains("    image: z\n"))
        #expect(loaded.yaml().contains("    dns:\n      - d1\n      - d2\n      - d3\n"))
        #expect(loaded.yaml().contains("      k: w\n      l: m\n"))
    }

    @Test("a port of the host that is taken is told with its first owner, address by address")
    func ports() throws {
        let loaded = try load(
            """
            services:
              a: {image: x, ports: ["127.0.0.1:80:80"]}
              b: {image: x, ports: ["127.0.0.2:80:80"]}
              c: {image: x, ports: ["127.0.0.2:80:80"]}
              d: {image: x, ports: ["80:80"]}
              e: {image: x, ports: ["127.0.0.3:80:80"]}
              f: {image: x, ports: ["127.0.0.1:80:80"]}
            """
        )
        let owners = loaded.warnings.map { "\($0.position.line) \($0.message.suffix(1))" }
        #expect(owners == ["4 b", "5 a", "6 d", "7 a"])
    }
}
