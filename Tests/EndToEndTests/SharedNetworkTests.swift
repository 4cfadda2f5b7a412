import TestSupport
import Testing

/// The session of docs/networking.md, "Two projects on one network".
@Suite(
    "root: two projects on one network",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct SharedNetworkTests {
    @Test("they find each other by name there and nowhere else, and it stays as long as one has it")
    func session() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep nslookup ping cat")
            let (data, shop) = ("\(machine.project)-data", "\(machine.project)-shop")
            try machine.write(
                """
                services:
                  db:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    networks: {default: {}, shared: {aliases: [postgres]}}
                networks: {shared: {name: \(machine.project)-shared}}
                """,
                to: "data.yaml"
            )
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    networks: [default, shared]
                  inner: {image: box, command: [sleep, "1000"], stop_grace_period: 0s}
                networks: {shared: {name: \(machine.project)-shared, external: true}}
                """,
                to: "shop.yaml"
            )
            func compose(_ project: String, _ words: String...) async throws -> TestMachine.Output {
                let file = project == data ? "data.yaml" : "shop.yaml"
                return try await machine.run(
                    [Products.path("berth"), "-f", file, "-p", project] + words
                )
            }
            let early = try await compose(shop, "up", "-d")
            #expect(early.status == 1 && early.err.contains("\(machine.project)-shared"))
            for project in [data, shop] {
                let up = try await compose(project, "up", "-d")
                #expect(up.status == 0, "\(up.err)")
            }
            for name in ["db", "postgres"] {
                let ping = try await compose(
                    shop,
                    "exec",
                    "-T",
                    "web",
                    "ping",
                    "-c1",
                    "-W5",
                    name
                )
                #expect(ping.status == 0, "\(name): \(ping.out)\(ping.err)")
            }
            // Who is not on it finds nobody of the other project.
            let inner = try await compose(shop, "exec", "-T", "inner", "nslookup", "db")
            #expect(inner.status != 0, "\(inner.out)")

            let first = try await compose(data, "down")
            #expect(first.status == 0 && first.err.contains("\(shop)-web-1"), "\(first.err)")
            let again = try await compose(data, "up", "-d")
            #expect(again.status == 0, "\(again.err)")
            let ping = try await compose(shop, "exec", "-T", "web", "ping", "-c1", "-W5", "db")
            #expect(ping.status == 0, "\(ping.out)\(ping.err)")
            #expect(try await compose(shop, "down").status == 0)
            let last = try await compose(data, "down")
            #expect(last.status == 0 && !last.err.contains("in use"), "\(last.err)")
        }
    }
}
