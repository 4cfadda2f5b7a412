import Addresses
import Compose
import ContainerRuntime
import Glibc
import OrderedCollections
import Testing

@testable import Reconciler

/// Projects that are longer, wider and more alike than anybody writes.
@Suite("Cost of plans")
struct PlanCostTests {
    /// Services each of which depends on the one before it.
    private static func chain(_ count: Int) -> [Service] {
        (0..<count).map { number in
            Fixture.service("s\(number)") {
                if number > 0 { $0.dependsOn = ["s\(number - 1)": Fixture.dependency()] }
            }
        }
    }

    @Test("a chain of thousands of services is brought up, taken down, and skipped when it fails")
    func longChain() async throws {
        let project = Fixture.project(Self.chain(5000).reversed())
        let up = try Fixture.plan(project)
        let starts = up.steps.compactMap { step in
            if case .startContainer(let container) = step.operation {
                container.service
            } else {
                nil
            }
        }
        #expect(starts == (0..<5000).map { "s\($0)" })

        let observed = try Fixture.observed(project)
        let down = Plan.down(project, named: "shop", observed: observed)
        let stops = down.steps.compactMap { step in
            if case .stopContainer(let container, _) = step.operation {
                container.service
            } else {
                nil
            }
        }
        #expect(stops == starts.reversed())

        struct Refused: Error {}
        let result = await up.walk { _ in throw Refused() }
        #expect(result.failures.count + result.skipped.count == up.steps.count)
    }

    struct Kind: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var services: @Sendable (Int) -> [Service]
        var isWrong = false
    }

    static let kinds: [Kind] = [
        Kind(testDescription: "dependencies in a chain", services: chain),
        Kind(testDescription: "ports of one service") { count in
            [ports("a", (0..<4 * count).map { 1000 + $0 })]
        },
        Kind(testDescription: "one port at addresses of their own") { count in
            (0..<count).map { ports("s\($0)", [80], at: "10.0.\($0 / 256).\($0 % 256)") }
        },
        Kind(
            testDescription: "the same ports",
            services: { count in (0..<count / 20).map { ports("s\($0)", Array(1000..<1100)) } },
            isWrong: true
        ),
    ]

    private static func ports(_ name: String, _ numbers: [Int], at address: String? = nil)
        -> Service
    {
        Fixture.service(name) {
            $0.ports = numbers.map {
                var port = PortDeclaration(target: UInt16($0))
                port.published = PortRange(UInt16($0), UInt16($0))
                port.hostAddress = address.flatMap { IPAddress($0) }
                return port
            }
        }
    }

    @Test("four times the parts take about four times as long", arguments: kinds)
    func linear(_ kind: Kind) throws {
        func cost(_ count: Int) throws -> Double {
            let project = Fixture.project(kind.services(count))
            let start = clock()
            if kind.isWrong {
                let error = #expect(throws: ReconcilerError.self) { try Fixture.plan(project) }
                // What two services share is told once.
                #expect(error?.problems.count == project.services.count - 1)
            } else {
                _ = try Fixture.plan(project)
            }
            return Double(clock() - start)
        }
        _ = try cost(100)
        let ratios = try (0..<3).map { _ in try cost(1600) / cost(400) }
        #expect(ratios.min() ?? 0 < 8, "\(ratios)")
    }
}
