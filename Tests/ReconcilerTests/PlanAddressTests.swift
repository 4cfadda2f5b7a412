import Addresses
import Compose
import OrderedCollections
import Testing

@testable import Reconciler

@Suite("Plan of fixed addresses")
struct PlanAddressTests {
    private func service(_ name: String, _ address: String, scale: Int = 1) -> Service {
        Fixture.service(name) {
            $0.scale = scale
            var network = ServiceNetwork()
            network.ipv4Address = IPv4Address(address)
            $0.networks = ["default": network]
        }
    }

    private func problems(
        _ services: [Service],
        _ options: UpOptions = UpOptions(),
        images: KnownImages? = nil
    ) -> [String] {
        let project = Fixture.project(services)
        do throws(ReconcilerError) {
            _ = try Plan.up(
                project,
                observed: Observed(),
                images: images ?? Fixture.images(project),
                options: options
            )
            return []
        } catch {
            return error.problems.map { "\($0.path ?? ""): \($0.reason)" }
        }
    }

    @Test("a fixed address is refused for several containers before anything is made, once")
    func scaled() {
        let place = "services.a.networks.default.ipv4_address"
        let words = "\(place): 10.1.0.2 can be the address of one container, not of 3"
        #expect(problems([service("a", "10.1.0.2", scale: 3)]) == [words])
        #expect(problems([service("a", "10.1.0.2", scale: 3)], images: [:]) == [words])
        var options = UpOptions()
        options.scale = ["a": 3]
        #expect(problems([service("a", "10.1.0.2")], options) == [words])
        options.scale = ["a": 1]
        #expect(problems([service("a", "10.1.0.2", scale: 3)], options).isEmpty)
    }

    @Test("the same of IPv6")
    func ipv6() {
        var service = service("a", "", scale: 3)
        service.networks["default"]?.ipv6Address = IPv6Address("fd00::9")
        #expect(
            problems([service]) == [
                "services.a.networks.default.ipv6_address: "
                    + "fd00::9 can be the address of one container, not of 3"
            ]
        )
    }

    @Test("two services cannot have one address, unless only one of them runs")
    func shared() {
        let both = [service("a", "10.1.0.2"), service("b", "10.1.0.2")]
        #expect(
            problems(both) == [
                "services.b.networks.default.ipv4_address: "
                    + "10.1.0.2 is the address of service \"a\" too"
            ]
        )
        var options = UpOptions()
        options.services = ["b"]
        #expect(problems(both, options).isEmpty)
        #expect(problems([service("a", "10.1.0.2"), service("b", "10.1.0.3")]).isEmpty)
    }
}
