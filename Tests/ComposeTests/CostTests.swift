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

    @Test("four times the documents take about four times as long")
    func documents() throws {
        func cost(_ count: Int) throws -> Double {
            let text = (0..<count).map { "---\nservices: {s\($0): {image: x}}\n" }.joined()
            return try measured { _ = try load(text) }
        }
        _ = try cost(100)
        let ratios = try (0..<3).map { _ in try cost(3200) / cost(800) }
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
