import Compose
import Foundation
import Testing

@Suite("Cost")
struct CostTests {
    @Test("four times the services take about four times as long, not sixteen times")
    func linear() throws {
        _ = try seconds(100)
        let ratios = try (0..<3).map { _ in try seconds(1600) / seconds(400) }
        #expect(ratios.min() ?? 0 < 8, "\(ratios)")
    }

    /// A file of so many parts, by their number, that each could be compared with every other, or
    /// copied for it.
    struct Part: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var start = "services:\n"
        var end = ""
        var text: @Sendable (Int) -> String
        /// It does not load, and says so in as little time.
        var isWrong = false
    }

    static let parts: [Part] = [
        Part(testDescription: "documents", start: "") {
            "---\nservices: {s\($0): {image: x}}\n"
        },
        Part(testDescription: "documents that add to one list", start: "") {
            "---\nservices: {a: {image: x, dns: [\"\($0)\"]}}\n"
        },
        Part(testDescription: "ports at addresses of their own") {
            "  s\($0): {image: x, ports: [\"10.0.\($0 / 256).\($0 % 256):80:80\"]}\n"
        },
        Part(
            testDescription: "numbers on one line",
            start: "services: {a: {image: x, labels: {",
            end: "}}}\n"
        ) { "k\($0): 1, " },
        Part(
            testDescription: "undefined services",
            text: { "  s\($0): {image: x, depends_on: [t\($0)]}\n" },
            isWrong: true
        ),
        Part(
            testDescription: "services without an image",
            text: { "  s\($0): {}\n" },
            isWrong: true
        ),
    ]

    @Test("four times the parts take about four times as long", arguments: parts)
    func linear(in part: Part) throws {
        func cost(_ count: Int) throws -> Double {
            let text = part.start + (0..<count).map(part.text).joined() + part.end
            return try measured {
                if part.isWrong {
                    #expect(throws: ComposeError.self) { try loadText(text) }
                } else {
                    _ = try load(text)
                }
            }
        }
        _ = try cost(100)
        let ratios = try (0..<3).map { _ in try cost(3200) / cost(800) }
        #expect(ratios.min() ?? 0 < 8, "\(ratios)")
    }

    /// Attributes of a service that are lists or mappings, each with an element by its number.
    static let attributes: [Part] = [
        attribute("ports") { "\"\(10_000 + $0):80\"" },
        attribute("ports") { "{target: 80, published: \"\(10_000 + $0)\"}" },
        attribute("expose") { "\"\(10_000 + $0)\"" },
        attribute("environment") { "A\($0)=${A\($0):-x}" },
        attribute("labels") { "a.\($0)=x" },
        attribute("volumes") { "./v\($0):/v\($0):ro" },
        attribute("tmpfs") { "/t\($0)" },
        attribute("devices") { "/dev/null:/dev/d\($0)" },
        attribute("extra_hosts") { "h\($0):10.0.0.1" },
        attribute("sysctls") { "net.x\($0)=1" },
        attribute("dns_search") { "d\($0)" },
        attribute("dns") { "10.0.\($0 / 256).\($0 % 256)" },
        attribute("group_add") { "g\($0)" },
        attribute("security_opt") { "label:\($0)" },
        attribute("device_cgroup_rules") { "c \($0):1 r" },
        attribute("external_links") { "e\($0)" },
        attribute("profiles") { "p\($0)" },
        attribute("command") { "a\($0)" },
        Part(
            testDescription: "networks",
            start: "services: {a: {image: x, networks: [n0]}}\nnetworks:\n"
        ) { "  n\($0): {ipam: {config: [{subnet: 10.\($0 / 256).\($0 % 256).0/24}]}}\n" },
        Part(testDescription: "services that extend one", start: "services:\n  b: {image: x}\n") {
            "  s\($0): {extends: b}\n"
        },
        Part(testDescription: "merge keys", start: "x-a: &a {image: x}\nservices:\n") {
            "  s\($0): {<<: *a}\n"
        },
        Part(testDescription: "anchors", start: "services:\n") {
            "  s\($0): {image: x, labels: &l\($0) {a: b}, annotations: *l\($0)}\n"
        },
        Part(testDescription: "services of one namespace", start: "services:\n  s: {image: x}\n") {
            "  s\($0): {image: x, network_mode: \"service:s\($0 == 0 ? "" : String($0 - 1))\"}\n"
        },
    ]

    private static func attribute(
        _ name: String,
        _ element: @escaping @Sendable (Int) -> String
    ) -> Part {
        Part(
            testDescription: "\(name): \(element(1))",
            start: "services:\n  a:\n    image: x\n    \(name):\n"
        ) { "      - \(element($0))\n" }
    }

    @Test("four times the elements take about four times as long", arguments: attributes)
    func elements(of part: Part) throws { try linear(in: part) }

    @Test(
        "four times the ports of a range take about four times as long",
        arguments: ["ports: [\"1-N:1-N\", \"1-N:1-N/udp\"]", "expose: [\"1-N\"]"]
    )
    func ranges(attribute: String) throws {
        func cost(_ count: Int) throws -> Double {
            let text = attribute.split(separator: "N", omittingEmptySubsequences: false)
                .joined(separator: String(count))
            return try measured {
                _ = try load("services:\n  a:\n    image: x\n    \(text)\n").yaml()
            }
        }
        _ = try cost(100)
        let ratios = try (0..<3).map { _ in try cost(8000) / cost(2000) }
        #expect(ratios.min() ?? 0 < 8, "\(ratios)")
    }

    @Test(
        "four times the files take about four times as long",
        arguments: ["include", "env_file", "extends"]
    )
    func files(kind: String) throws {
        func cost(_ count: Int) throws -> Double {
            var files: [String: String] = [:]
            var text = "services:\n  a:\n    image: x\n"
            for number in 0..<count {
                files["f\(number)"] =
                    kind == "env_file"
                    ? "A\(number)=1\n" : "services: {s\(number): {image: x}}\n"
            }
            let names = (0..<count).map { "f\($0)" }.joined(separator: ", ")
            switch kind {
            case "include": text += "include: [\(names)]\n"
            case "env_file": text += "    env_file: [\(names)]\n"
            default:
                for number in 0..<count {
                    text += "  t\(number): {extends: {file: f\(number), service: s\(number)}}\n"
                }
            }
            return try measured { _ = try load(text, files: files) }
        }
        _ = try cost(100)
        let ratios = try (0..<3).map { _ in try cost(1600) / cost(400) }
        #expect(ratios.min() ?? 0 < 8, "\(ratios)")
    }

    @Test("variables of a long .env are not copied for every service that has its own")
    func copies() {
        func cost(_ count: Int) -> Double {
            let env = (0..<20 * count).map { "V\($0)=1\n" }.joined()
            let services = (0..<count).map {
                "  s\($0): {image: x, env_file: e, environment: [A=1]}\n"
            }
            let text = "services:\n" + services.joined()
            return measured {
                #expect(throws: ComposeError.self) {
                    try loadText(text, files: [".env": env, "e": "B=1\n"])
                }
            }
        }
        _ = cost(300)
        let ratios = (0..<3).map { _ in cost(1200) / cost(300) }
        #expect(ratios.min() ?? 0 < 8, "\(ratios)")
    }

    /// Processor time of loading and writing so many services, each tied to the one before it.
    private func seconds(_ count: Int) throws -> Double {
        let services = (0..<count).map { number in
            """
              s\(number):
                image: x:\(number)
                command: [run, "--name", s\(number)]
                environment: {A: "\(number)", B: "${B:-b}"}
                ports: ["\(10_000 + number):80"]
                volumes: [data:/data, ./conf:/etc/app:ro]
                depends_on: [\(number.isMultiple(of: 10) ? "" : "s\(number - 1)")]

            """
        }
        let text = "services:\n\(services.joined())volumes: {data: {}}\n"
        return try measured { _ = try load(text).yaml() }
    }

    private func measured(_ body: () throws -> Void) rethrows -> Double {
        let start = clock()
        try body()
        return Double(clock() - start)
    }
}
