import Addresses
import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Testing

@testable import Reconciler

@Suite("Plan of ports")
struct PlanPortsTests {
    private func service(
        _ name: String,
        _ published: String...,
        scale: Int = 1,
        address: String? = nil
    ) -> Service {
        Fixture.service(name) {
            $0.scale = scale
            $0.ports = published.map {
                var port = PortDeclaration(target: 80)
                port.published = PortRange($0)
                port.hostAddress = address.flatMap { IPAddress($0) }
                return port
            }
        }
    }

    private func plan(
        _ services: [Service],
        _ observed: Observed = Observed(),
        _ options: UpOptions = UpOptions()
    ) throws -> Plan {
        let project = Fixture.project(services)
        return try Plan.up(
            project,
            observed: observed,
            images: Fixture.images(project),
            options: options
        )
    }

    /// The ports of what a plan makes, as `web-1 8080`.
    private func ports(_ plan: Plan) -> [String] {
        var words: [String] = []
        for step in plan.steps {
            let made: ContainerRequest?
            switch step.operation {
            case .createContainer(let wanted), .replaceContainer(_, let wanted, _):
                made = wanted.request
            default: continue
            }
            guard let made, let service = made.service, let number = made.number else { continue }
            for port in made.spec.ports {
                let port: String = port.hostPort.map { String($0) } ?? "free"
                words.append("\(service)-\(number) \(port)")
            }
        }
        return words
    }

    private func problems(_ services: [Service], _ observed: Observed = Observed()) -> [String] {
        do {
            return ports(try plan(services, observed))
        } catch {
            let problems = (error as? ReconcilerError)?.problems ?? []
            return problems.map { problem in "\(problem.path ?? "none"): \(problem.reason)" }
        }
    }

    @Test("services that publish one range get a port each, in the order of the file")
    func shared() throws {
        let services = [service("x", "18090-18095"), service("y", "18090-18095", scale: 2)]
        let expected = ["x-1 18090", "y-1 18091", "y-2 18092"]
        #expect(try ports(plan(services)) == expected)
    }

    @Test("fixed ports come before ranges, wherever they stand")
    func fixedFirst() throws {
        let services = [service("a", "90-92", scale: 2), service("b", "90"), service("c", "")]
        let expected = ["a-1 91", "a-2 92", "b-1 90", "c-1 free"]
        #expect(try ports(plan(services)) == expected)
    }

    @Test(
        "ranges that overlap are shared out whenever that can be done",
        arguments: [
            (["1-3", "1-1", "1-2"], ["a-1 3", "b-1 1", "c-1 2"]),
            (["2-3", "1-4", "2-2", "3-4"], ["a-1 3", "b-1 1", "c-1 2", "d-1 4"]),
        ]
    )
    func overlapping(ranges: [String], expected: [String]) throws {
        let services = zip(["a", "b", "c", "d"], ranges).map { service($0, $1) }
        #expect(try ports(plan(services)) == expected)
    }

    @Test("one port at two addresses is two, at every address it is one")
    func addresses() {
        let (one, two) = ("127.0.0.1", "127.0.0.2")
        #expect(
            problems([service("a", "80-81", address: one), service("b", "80-81", address: two)])
                == ["a-1 80", "b-1 80"]
        )
        #expect(
            problems([service("a", "80-81", address: one), service("b", "80-81")])
                == ["a-1 80", "b-1 81"]
        )
    }

    @Test("more containers than a range has ports are refused before anything is made, once")
    func exhausted() {
        #expect(
            problems([service("x", "18090-18091", scale: 5)]) == [
                "services.x.ports[0]: no port of 18090-18091 is left for shop-x-3: "
                    + "shop-x-1, shop-x-2 have them all"
            ]
        )
        #expect(
            problems([service("x", "81-82", scale: 2), service("y", "70", "80-82", scale: 2)])
                == [
                    "services.y.ports[0]: cannot publish 70/tcp for shop-y-2: "
                        + "shop-y-1 publishes it too",
                    "services.y.ports[1]: no port of 80-82 is left for shop-y-2: "
                        + "shop-y-1, shop-x-1, shop-x-2 have them all",
                ]
        )
    }

    @Test("what cannot be is found before images are here, and said once for all containers")
    func unknownImages() {
        let project = Fixture.project(service("x", "90", scale: 3), service("y", "91"))
        let error = #expect(throws: ReconcilerError.self) {
            try Plan.up(project, observed: Observed(), images: [:])
        }
        #expect(error?.problems.map(\.path) == ["services.x.ports[0]"])
    }

    @Test("what runs keeps the port that it has, and newcomers take others")
    func kept() throws {
        let before = [service("x", "90-92"), service("y", "90-92")]
        var observed = try Fixture.observed(Fixture.project(before))
        observed.containers[0].published = [PortBinding(hostPort: 92, containerPort: 80)]
        observed.containers[1].published = [PortBinding(hostPort: 90, containerPort: 80)]
        #expect(try plan(before, observed).isEmpty)
        let more = [before[0], service("y", "90-92", scale: 2)]
        #expect(try ports(plan(more, observed)) == ["y-2 91"])
        #expect(
            problems([before[0], service("y", "90-92", scale: 3)], observed) == [
                "services.y.ports[0]: no port of 90-92 is left for shop-y-3: "
                    + "shop-y-1, shop-y-2, shop-x-1 have them all"
            ]
        )
        // A fixed port that a kept container has.
        #expect(
            problems(before + [service("z", "92")], observed) == [
                "services.x.ports[0]: cannot publish 92/tcp for shop-x-1: shop-z-1 publishes it too"
            ]
        )
        // A container that is recreated takes its port again.
        var options = UpOptions()
        options.recreation = .always
        #expect(try ports(plan(before, observed, options)) == ["x-1 92", "y-1 90"])
    }

    @Test("two ranges of one container that overlap are not in each other's way")
    func ownRanges() throws {
        let services = [service("x", "90-92", "91-93")]
        var observed = try Fixture.observed(Fixture.project(services))
        observed.containers[0].published = [92, 93].map {
            PortBinding(hostPort: $0, containerPort: 80)
        }
        #expect(try plan(services, observed).isEmpty)
        #expect(try ports(plan(services)) == ["x-1 90", "x-1 91"])
    }

    @Test("the port of a range that was chosen is no difference, another range is one")
    func difference() {
        var old = ContainerSpec(
            image: Fixture.digest,
            imageName: "app",
            process: ProcessSpec(arguments: ["a"])
        )
        old.ports = [PortBinding(hostRange: PortRange(90, 92), containerPort: 80)]
        var new = old
        new.ports[0].hostPort = 91
        #expect(SpecDifference(from: old, to: new).changes.isEmpty)
        new.ports[0].hostRange = PortRange(90, 93)
        #expect(
            SpecDifference(from: old, to: new).changes
                == ["ports.0.0.0.0:90-92->80/tcp removed", "ports.0.0.0.0:90-93->80/tcp added"]
        )
    }
}

@Suite("Ranges of ports")
struct PortRangeTests {
    @Test(
        "are read as compose files have them",
        arguments: [
            ("80", PortRange(80, 80)), ("80-90", PortRange(80, 90)),
            ("1-65535", PortRange(1, 65535)),
            ("0", nil), ("+80", nil), ("80-+90", nil), ("90-80", nil), ("80-", nil), ("-80", nil),
            ("1-2-3", nil), ("", nil),
            ("80-65536", nil), ("a", nil), (" 80", nil),
        ] as [(String, PortRange?)]
    )
    func reads(text: String, expected: PortRange?) {
        #expect(PortRange(text) == expected)
        #expect(PortRange(text)?.description == expected.map { _ in text })
    }
}
