import Addresses
import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor
import Testing
import TestSupport

@testable import Reconciler

/// A network that is otherwise than the file says.
@Suite("Plan of an up with changed networks and volumes")
struct PlanNetworkTests {
    private static let pool = NetworkDeclaration.AddressPool(
        subnet: IPSubnet("10.9.0.0/24")
    )
    private static let project = Fixture.shop.with { $0.networks["default"]?.pools = [pool] }

    private static func observed() throws -> Observed {
        var observed = try Fixture.observed(project)
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
        network.pools[0].subnet = IPSubnet(subnet)
        network.pools[0].gateway = gateway.flatMap { IPAddress($0) }
        network.pools[0].ipRange = range.flatMap { IPSubnet($0) }
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
            (network(subnet: "10.9.0.0/25"), ["subnet: 10.9.0.0/24 → 10.9.0.0/25"]),
            (network(gateway: "10.9.0.1"), []),
            (network(gateway: "10.9.0.9"), ["gateway: 10.9.0.1 → 10.9.0.9"]),
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
        existing.ipv4?.range = IPv4Subnet("10.9.0.64/26")
        #expect(
            NetworkDifference(from: existing, to: network).changes == [
                "ip_range removed (was 10.9.0.64/26)"
            ]
        )
    }

    @Test("says what of IPv6 is otherwise")
    func ipv6() throws {
        var network = Self.network()
        network.enableIPv6 = true
        var existing = try Self.observed().networks[0]
        #expect(
            NetworkDifference(from: existing, to: network).changes == ["enable_ipv6 is on now"]
        )
        let subnet = try #require(IPv6Subnet("fd00:1::/64"))
        existing.ipv6 = AddressBlock(subnet, gateway: try #require(IPv6Address("fd00:1::1")))
        #expect(NetworkDifference(from: existing, to: network).changes.isEmpty)
        network.pools.append(.init(subnet: IPSubnet("fd00:2::/64")))
        network.enableIPv4 = false
        #expect(
            NetworkDifference(from: existing, to: network).changes == [
                "enable_ipv4 is off now", "subnet: fd00:1::/64 → fd00:2::/64",
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
        let running = Fixture.runningShop.with {
            $0.networks["default"] = Self.project.networks["default"]
        }
        let plan = try Fixture.plan(running, observed)
        #expect(plan.isEmpty)
        #expect(plan.warnings.count == 1)
    }

    /// Volume `data` of the file, changed, with the records of the project as it was.
    private static func warnings(
        _ change: (inout VolumeDeclaration) -> Void,
        _ record: (inout VolumeRecord) -> Void = { _ in }
    ) throws -> [String] {
        var observed = try Fixture.observed(Fixture.shop)
        observed.volumes[0].key = "data"
        observed.volumes[0].labels = ["com.docker.compose.volume": "data", "kept": "1"]
        record(&observed.volumes[0])
        var volume = VolumeDeclaration(name: "shop_data")
        volume.labels = ["kept": "1"]
        change(&volume)
        let plan = try Fixture.plan(Fixture.shop.with { $0.volumes["data"] = volume }, observed)
        let verbs = plan.steps.map(\.operation.description)
        #expect(!verbs.contains { $0.hasPrefix("remove") || $0 == "create volume shop_data" })
        return plan.warnings
    }

    @Test("a volume keeps its data, and what is otherwise in the file is reported by field")
    func volume() throws {
        #expect(try Self.warnings { _ in } == [])
        let fields: [((inout VolumeDeclaration) -> Void, String)] = [
            ({ $0.labels["kept"] = nil }, "labels.kept removed"),
            ({ $0.labels["kept"] = "2" }, "labels.kept changed"),
            ({ $0.driver = "nfs" }, "driver: local → nfs"),
            ({ $0.driverOptions = ["type": "nfs"] }, "driver_opts.type added"),
        ]
        for (change, words) in fields {
            let warnings = try Self.warnings(change)
            #expect(
                warnings == [
                    "volume shop_data exists but does not match the compose file: \(words); it is "
                        + "used as it is, with its data (`berth up --yes` makes it again, "
                        + "empty)"
                ]
            )
        }
    }

    @Test("a volume of another name is a new one, and where the data stays is said")
    func renamedVolume() throws {
        let warnings = try Self.warnings { $0.name = "shop_more" }
        #expect(
            warnings == [
                "volumes.data: name changed (shop_data → shop_more): the new volume is empty, and "
                    + "shop_data stays with its data (`name: shop_data` goes on with it)"
            ]
        )
        // One that the file still means, or that is of another key, was not this one.
        #expect(
            try Self.warnings {
                $0.name = "shop_more"
            } _: {
                $0.key = "other"
            } == []
        )
    }
}
