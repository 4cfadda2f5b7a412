import Compose
import ContainerRuntime
import OrderedCollections
import TestSupport
import Testing

@testable import Reconciler

/// A network that is otherwise than the file says.
@Suite("Plan of an up with changed networks and volumes")
struct PlanNetworkTests {
    private static let pool = NetworkDeclaration.AddressPool(subnet: "10.9.0.0/24")
    private static let project = Fixture.shop.with { $0.networks["default"]?.pools = [pool] }

    private static func observed() throws -> Observed {
        var observed = try Fixture.observed(project)
        observed.networks[0].subnet = "10.9.0.0/24"
        observed.networks[0].gateway = "10.9.0.1"
        observed.networks[0].labels = ["com.docker.compose.project": "shop", "kept": "1"]
        return observed
    }

    private static func network(
        labels: [String: String] = ["kept": "1"],
        isInternal: Bool = false,
        gateway: String? = nil,
        range: String? = nil,
        subnet: String = "10.9.0.0/24"
    ) -> NetworkDeclaration {
        var network = NetworkDeclaration(name: "shop_default")
        network.labels = labels
        network.isInternal = isInternal
        network.pools = [pool]
        network.pools[0].subnet = subnet
        network.pools[0].gateway = gateway
        network.pools[0].ipRange = range
        return network
    }

    @Test(
        "says what is otherwise, field by field",
        arguments: [
            (network(), []),
            (network(labels: [:]), ["labels.kept removed"]),
            (network(labels: ["kept": "2", "a": "b"]), ["labels.a added", "labels.kept changed"]),
            (network(isInternal: true), ["internal is on now"]),
            (network(subnet: "10.9.0.77/24"), []),
            (network(subnet: "10.9.0.0/25"), ["subnet changed (10.9.0.0/24 → 10.9.0.0/25)"]),
            (network(gateway: "10.9.0.1"), []),
            (network(gateway: "10.9.0.9"), ["gateway changed (10.9.0.1 → 10.9.0.9)"]),
            (network(range: "10.9.0.64/26"), ["ip_range added (10.9.0.64/26)"]),
        ]
    )
    func difference(network: NetworkDeclaration, expected: [String]) throws {
        let existing = try Self.observed().networks[0]
        #expect(NetworkDifference(from: existing, to: network).changes == expected)
    }

    @Test("what the file leaves open is as it is")
    func open() throws {
        var network = Self.network()
        network.pools = []
        var existing = try Self.observed().networks[0]
        #expect(NetworkDifference(from: existing, to: network).changes.isEmpty)
        existing.ipRange = "10.9.0.64/26"
        #expect(
            NetworkDifference(from: existing, to: network).changes == [
                "ip_range removed (was 10.9.0.64/26)"
            ]
        )
    }

    @Test("stops what runs on it, replaces it, and starts the same containers again")
    func replaces() throws {
        let plan = try Fixture.plan(Self.project, Self.observed())
        try expectGolden(plan.description, "up-network.txt")
        #expect(plan.unchanged.isEmpty)
    }

    @Test("takes along what is on it and not of the services that are brought up")
    func others() throws {
        var options = UpOptions()
        options.services = ["db"]
        let plan = try Fixture.plan(Self.project, Self.observed(), options)
        let verbs = plan.steps.map(\.operation.description)
        #expect(verbs.filter { $0.hasPrefix("stop") }.count == 3)
        #expect(verbs.filter { $0.hasPrefix("start") }.count == 3)
        #expect(!verbs.contains { $0.hasPrefix("recreate container") })
        let maker = try #require(verbs.firstIndex(of: "recreate network shop_default"))
        for (index, step) in plan.steps.enumerated() where step.operation.verb == "start" {
            #expect(step.after.contains(maker) && index > maker)
        }
    }

    @Test("stops a container once that is recreated or removed as well")
    func once() throws {
        var observed = try Self.observed()
        observed.containers.append(
            .init(
                id: Fixture.id(9),
                name: "shop-gone-1",
                service: "gone",
                number: 1,
                spec: observed.containers[0].spec,
                state: .running
            )
        )
        var options = UpOptions()
        options.removesOrphans = true
        let project = Self.project.with { $0.services["web"]?.user = "web" }
        let plan = try Fixture.plan(project, observed, options)
        for name in ["web", "gone"] {
            let steps = plan.steps.map(\.operation.description)
                .filter { $0.hasSuffix("container shop-\(name)-1") }
            let rest = name == "web" ? ["recreate", "start"] : ["remove"]
            #expect(steps == (["stop"] + rest).map { "\($0) container shop-\(name)-1" })
        }
    }

    @Test("leaves a network that another project has made")
    func foreign() throws {
        var observed = try Self.observed()
        observed.networks[0].project = "other"
        let plan = try Fixture.plan(Self.project, observed)
        #expect(plan.isEmpty)
        #expect(plan.warnings.count == 1)
    }

    @Test("a volume stays as it was made, and what to do is said")
    func volume() throws {
        var observed = try Fixture.observed(Fixture.shop)
        observed.volumes[0].labels = ["com.docker.compose.volume": "data", "old": "1"]
        let plan = try Fixture.plan(Fixture.shop, observed)
        #expect(plan.isEmpty)
        #expect(plan.warnings.count == 1)
        #expect(plan.warnings[0].contains("labels.old removed; `berth down -v`"))
    }
}
