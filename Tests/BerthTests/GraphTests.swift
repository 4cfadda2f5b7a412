import Compose
import Foundation
import TestSupport
import Testing
import TextForms

@testable import berth

@Suite("berth graph")
struct GraphTests {
    private static func graph(
        _ text: String,
        services: [String] = [],
        profiles: [String] = []
    ) throws -> ProjectGraph {
        var options = LoadOptions(purpose: .config, workingDirectory: "/shop", environment: [:])
        options.services = services
        options.profiles = profiles
        options.without = [.resolveEnvironment]
        let loaded = try ComposeLoader(files: MemoryFiles(["/shop/compose.yaml": text]))
            .load(options)
        return ProjectGraph(loaded.project, order: loaded.serviceNames)
    }

    private static let shop = """
        services:
          web:
            build: ./web
            scale: 3
            env_file: nobody-needs-it.env
            ports: ["127.0.0.1:8080-8082:80", "[::1]:8443:443/udp"]
            depends_on:
              db: {condition: service_healthy, restart: true}
              cache: {condition: service_started, required: false}
              migrate: {condition: service_completed_successfully}
            networks: [front, back]
            volumes: ["./static:/srv/static:ro", "/etc/ssl:/etc/ssl"]
          db:
            image: postgres:16
            networks: [back]
            volumes: ["data:/var/lib/postgresql/data", "/scratch"]
          cache:
            image: redis:7
            networks: [back]
          migrate:
            build: .
            depends_on: {db: {condition: service_healthy}}
            networks: [back]
          proxy:
            image: nginx
            network_mode: host
            depends_on: [web]
          debug:
            image: busybox
            profiles: [tools]
            network_mode: service:web
            volumes: ["data:/data:ro"]
        networks:
          front: {}
          back: {internal: true}
        volumes:
          data: {external: true}
        """

    @Test(
        "a project is drawn as a picture, for Mermaid, for Graphviz and for programs",
        arguments: ["picture.txt", "mermaid.txt", "dot.txt", "json.txt"]
    )
    func forms(name: String) throws {
        let graph = try Self.graph(Self.shop, profiles: ["tools"])
        let text =
            switch name {
            case "picture.txt": graph.picture()
            case "mermaid.txt": graph.mermaid()
            case "dot.txt": graph.dot()
            default: graph.json()
            }
        try expectGolden(text, "graph-\(name)")
    }

    @Test("services of profiles that are off are left out, and so is what the named do not need")
    func selection() throws {
        let all = try Self.graph(Self.shop)
        #expect(Set(all.services.map(\.name)) == ["web", "db", "cache", "migrate", "proxy"])
        let one = try Self.graph(Self.shop, services: ["migrate"])
        #expect(one.services.map(\.name) == ["db", "migrate"])
        #expect(one.networks.map(\.name) == ["back"])
        let debug = try Self.graph(Self.shop, services: ["debug"])
        #expect(debug.services.map(\.name).contains("debug"))
        #expect(throws: ComposeError.self) { try Self.graph(Self.shop, services: ["nobody"]) }
    }

    @Test("the JSON form is a document with every service, dependency, mount and port")
    func document() throws {
        let graph = try Self.graph(Self.shop)
        let document = try JSONSerialization.jsonObject(with: Data(graph.json().utf8))
        let services = (document as? [String: Any])?["services"] as? [[String: Any]]
        let web = try #require(services?.first { $0["name"] as? String == "web" })
        #expect((web["dependsOn"] as? [[String: Any]])?.count == 3)
        #expect(
            (web["ports"] as? [[String: Any]])?.first?["host"] as? String == "127.0.0.1:8080-8082"
        )
        #expect((web["mounts"] as? [[String: Any]])?.count == 2)
    }

    @Test("texts of the file end no quotes and move no cursor, whatever the form")
    func hostile() throws {
        let graph = try Self.graph(
            """
            services:
              web:
                image: 'a"];<b>#x\\n'
                volumes: ["/a\\"b\\e]0;x:/t"]
              other:
                image: "x\\e[2J\\u202e"
            """
        )
        for text in [graph.picture(), graph.mermaid(), graph.dot()] {
            #expect(!text.unicodeScalars.contains { $0 != "\n" && VisibleText.isInvisible($0) })
        }
        #expect(graph.mermaid().contains(#"a#34;];#60;b#62;#35;x"#))
        #expect(graph.dot().contains(#"a\"];<b>#x\\n"#))
    }

    @Test(
        "lines lead from what is needed to who needs it; what only crosses is unbroken",
        arguments: [
            ([[]], ["●"]),
            ([[], [0]], ["┌─●", "└─●"]),
            ([[], [], [0, 1]], ["┌───●", "│ ┌─●", "└─┴─●"]),
            ([[], [], [0], [1]], ["┌───●", "│ ┌─●", "└─│─●", "  └─●"]),
            ([[], [0], [0], [0, 1, 2]], ["┌─────●", "├─┬───●", "├─│─┬─●", "└─┴─┴─●"]),
            ([[], [0], [1], [2]], ["┌───●", "└─┬─●", "┌─┴─●", "└───●"]),
        ]
    )
    func rails(needs: [[Int]], heads: [String]) {
        let rails = DependencyRails(needs: needs)
        #expect(rails.rows.map(\.head) == heads)
        #expect(Set(rails.rows.map(\.head.count)).count == 1)
        #expect(Set(rails.rows.map(\.rest.count)) == [heads[0].count])
    }

    @Test("a chain of a thousand services takes two columns, and one that all need takes one")
    func large() {
        let chain = DependencyRails(needs: (0..<1000).map { $0 == 0 ? [] : [$0 - 1] })
        #expect(chain.rows.last?.head.count == 5)
        let star = DependencyRails(needs: (0..<1000).map { $0 == 0 ? [] : [0] })
        #expect(star.rows.last?.head == "└─●")
    }
}
