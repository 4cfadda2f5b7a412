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
