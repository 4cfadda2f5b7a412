import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor
import Testing
import TestSupport

@testable import Reconciler

@Suite("Plan of a down, stop, start, restart")
struct PlanDownTests {
    @Test("stops dependents first, removes containers, then networks")
    func down() throws {
        let plan = Plan.down(
            Fixture.shop,
            named: "shop",
            observed: try Fixture.observed(Fixture.shop)
        )
        try expectGolden(plan.description, "down.txt")
    }

    @Test("the labels are enough without a file")
    func withoutFile() throws {
        let observed = try Fixture.observed(Fixture.shop)
        let with = Plan.down(Fixture.shop, named: "shop", observed: observed)
        #expect(Plan.down(nil, named: "shop", observed: observed) == with)
    }

    @Test("-v removes the project's volumes, not external ones and not those of others")
    func volumes() throws {
        var observed = try Fixture.observed(Fixture.shop)
        observed.volumes.append(Fixture.volume("other", of: nil))
        var options = DownOptions()
        options.removesVolumes = true
        let plan = Plan.down(Fixture.shop, named: "shop", observed: observed, options: options)
        #expect(
            plan.steps.filter { $0.operation.noun.hasPrefix("volume") }
                .map(\.operation.description) == ["remove volume shop_data"]
        )
    }

    @Test("-v removes what the file declares, also when another project was the first to make it")
    func sharedVolumes() throws {
        var observed = try Fixture.observed(Fixture.shop)
        observed.volumes = [Fixture.volume("shop_data", of: "other")]
        var options = DownOptions()
        options.removesVolumes = true
        func removed(_ project: Project?) -> [String] {
            Plan.down(project, named: "shop", observed: observed, options: options).steps
                .map(\.operation.description).filter { $0.hasPrefix("remove volume") }
        }
        #expect(removed(Fixture.shop) == ["remove volume shop_data"])
        // Only the file says that it is this project's, too.
        #expect(removed(nil) == [])
        #expect(removed(Fixture.shop.with { $0.volumes["data"]?.external = true }) == [])
    }

    @Test("-v removes the project's anonymous volumes that an earlier down has left")
    func anonymousVolumes() throws {
        var observed = try Fixture.observed(Fixture.shop)
        observed.volumes = [("mine", "shop"), ("others", "other")].map { name, project in
            var volume = Fixture.volume(name, of: project)
            volume.isAnonymous = true
            return volume
        }
        var options = DownOptions()
        options.removesVolumes = true
        func removed(_ project: Project?) -> [String] {
            Plan.down(project, named: "shop", observed: observed, options: options).steps
                .map(\.operation.description).filter { $0.hasPrefix("remove volume") }
        }
        #expect(removed(Fixture.shop) == ["remove volume mine"])
        #expect(removed(nil) == ["remove volume mine"])
        options.services = ["web"]
        #expect(removed(Fixture.shop) == [])
    }

    /// Two services, each with a network and a volume of its own.
    private static let pair = Fixture.project(
        ["a", "b"].map { key in
            Fixture.service(key) {
                $0.networks = [key: ServiceNetwork()]
                $0.volumes = [
                    VolumeMount(source: .volume(key: key, nocopy: false), target: "/v")
                ]
            }
        }
    ).with {
        for key in ["a", "b", "spare"] {
            $0.networks[key] = NetworkDeclaration(name: "shop_\(key)")
            $0.volumes[key] = VolumeDeclaration(name: "shop_\(key)")
        }
    }

    @Test(
        "down -v leaves networks and volumes that the file names no more, and says so",
        arguments: [
            ("removed", false), ("renamed", false), ("given another key", false), ("unused", false),
            ("removed", true),
        ]
    )
    func undeclared(change: String, removesOrphans: Bool) throws {
        var observed = try Fixture.observed(Self.pair)
        observed.networks = []
        observed.volumes = []
        for key in ["a", "b"] {
            let name = "shop_\(key)"
            observed.networks.append(Fixture.network(name, of: "shop", key: key))
            observed.volumes.append(Fixture.volume(name, of: "shop", key: key))
        }
        let project = Self.pair.with {
            switch change {
            case "removed":
                $0.services["b"] = nil
                $0.networks["b"] = nil
                $0.volumes["b"] = nil
            case "renamed":
                $0.networks["b"]?.name = "elsewhere"
                $0.volumes["b"]?.name = "elsewhere"
            case "given another key":
                $0.networks["b"] = nil
                $0.volumes["b"] = nil
                $0.services["b"]?.networks = ["spare": ServiceNetwork()]
                $0.services["b"]?.volumes = []
            default:
                $0.services["b"]?.networks = [:]
                $0.services["b"]?.volumes = []
            }
        }
        var options = DownOptions()
        options.removesVolumes = true
        options.removesOrphans = removesOrphans
        func resources(_ project: Project?) -> (Set<String>, [String]) {
            let plan = Plan.down(project, named: "shop", observed: observed, options: options)
            let nouns = plan.steps.filter { $0.operation.verb == "remove" }
                .map(\.operation.noun).filter { !$0.hasPrefix("container") }
            return (Set(nouns), plan.warnings.filter { $0.contains("shop_b") })
        }
        let (removed, warnings) = resources(project)
        #expect(removed == ["network shop_a", "volume shop_a"])
        #expect(
            warnings
                == ["network shop_b", "volume shop_b"].map { noun in
                    let command = noun.hasPrefix("v") ? "down -v" : "down"
                    return "\(noun) of this project stays, since no service of the file uses it; "
                        + "`berth -p shop \(command)` removes all that the project has"
                }
        )
        // By its name alone the project is all that has its label.
        let all = Set(["a", "b"].flatMap { ["network shop_\($0)", "volume shop_\($0)"] })
        #expect(resources(nil) == (all, []))
        #expect(resources(Self.pair) == (all, []))
    }

    @Test("down -v leaves a network and a volume whose declaration is wrong, and says so")
    func wrongDeclarations() throws {
        var observed = try Fixture.observed(Self.pair)
        observed.networks = []
        observed.volumes = []
        for key in ["a", "b"] {
            let name = "shop_\(key)"
            observed.networks.append(Fixture.network(name, of: "shop", key: key))
            observed.volumes.append(Fixture.volume(name, of: "shop", key: key))
        }
        // Made by hand: known by the name that the file gives it.
        observed.volumes.append(Fixture.volume("shop_spare", of: nil))
        var options = DownOptions()
        options.removesVolumes = true
        options.setAside.networks = .some(["b"])
        options.setAside.volumes = .some(["b", "spare"])
        for name in ["shop_b", "${NAME:?}"] {
            let project = Self.pair.with {
                $0.networks["b"]?.name = name
                $0.volumes["b"]?.name = name
                $0.services["b"]?.volumes.append(
                    VolumeMount(source: .volume(key: "spare", nocopy: false), target: "/s")
                )
            }
            let plan = Plan.down(project, named: "shop", observed: observed, options: options)
            let nouns = plan.steps.filter { $0.operation.verb == "remove" }
                .map(\.operation.noun).filter { !$0.hasPrefix("container") }
            #expect(Set(nouns) == ["network shop_a", "volume shop_a"])
            #expect(
                plan.warnings
                    == [("network", "down"), ("volume", "down -v")].map { noun, command in
                        "\(noun) shop_b of this project stays, since its declaration in the file "
                            + "is wrong; `berth -p shop \(command)` removes all that the project has"
                    }
            )
        }
    }

    @Test("down -v leaves every volume where the section of volumes is wrong")
    func wrongSection() throws {
        var observed = try Fixture.observed(Self.pair)
        observed.volumes = [Fixture.volume("shop_a", of: "shop", key: "a")]
        var options = DownOptions()
        options.removesVolumes = true
        options.setAside.volumes = .all
        let project = Self.pair.with { $0.volumes = [:] }
        let plan = Plan.down(project, named: "shop", observed: observed, options: options)
        #expect(!plan.description.contains("volume shop_a"))
        #expect(plan.warnings.contains { $0.hasPrefix("volume shop_a of this project stays") })
    }

    @Test("stops by the labels what the file has no dependencies of")
    func unreadDependencies() throws {
        let observed = try Fixture.observed(Fixture.shop)
        let project = Fixture.shop.with {
            for name in $0.services.keys { $0.services[name]?.dependsOn = [:] }
        }
        #expect(
            Plan.stop(project, observed: observed) == Plan.stop(Fixture.shop, observed: observed)
        )
    }

    @Test("orphans stay and are named, unless asked")
    func orphans() throws {
        let observed = try Fixture.observed(Fixture.shop)
        var project = Fixture.shop
        project.services["web"] = nil
        let plan = Plan.down(project, named: "shop", observed: observed)
        #expect(!plan.description.contains("container shop-web-1"))
        #expect(plan.warnings[0].contains("shop-web-1"))
        var options = DownOptions()
        options.removesOrphans = true
        let all = Plan.down(project, named: "shop", observed: observed, options: options)
        #expect(all.description.contains("remove container shop-web-1"))
    }

    @Test("labels of different ages that form a cycle do not matter")
    func cycle() throws {
        var observed = try Fixture.observed(Fixture.shop)
        for index in observed.containers.indices {
            observed.containers[index].dependencies = ["web", "db", "migrate"]
        }
        #expect(Plan.down(nil, named: "shop", observed: observed).steps.count == 7)
    }

    @Test("stop ends only what runs")
    func stop() throws {
        var observed = try Fixture.observed(Fixture.shop)
        observed.containers[0].state = .exited(code: 0)
        let plan = Plan.stop(Fixture.shop, observed: observed)
        #expect(
            plan.steps.map(\.operation.description) == [
                "stop container shop-migrate-1", "stop container shop-db-1",
            ]
        )
        #expect(plan.steps[1].behind == [0])
    }

    @Test(
        "what is being stopped is started again when its end has come",
        arguments: [false, true]
    )
    func stopping(isPartOf: Bool) throws {
        var observed = try Fixture.observed(Fixture.shop)
        let last = isPartOf ? 0 : observed.containers.count - 1
        for index in 0...last { observed.containers[index].state = .stopping }
        let stopping = observed.containers.prefix(last + 1).map(\.name).sorted()
        for plan in [
            try Fixture.plan(Fixture.shop, observed),
            try Plan.start(Fixture.shop, observed: observed),
        ] {
            let started = plan.steps.compactMap { step in
                if case .startContainer(let container) = step.operation {
                    container.name
                } else {
                    nil
                }
            }
            #expect(started.sorted() == stopping)
            #expect(!plan.unchanged.contains { stopping.contains($0.name) })
        }
        let down = Plan.down(Fixture.shop, named: "shop", observed: observed)
        #expect(down.steps.filter { $0.operation.verb == "stop" }.count == 3)
    }

    @Test("start waits for the conditions")
    func start() throws {
        var observed = try Fixture.observed(Fixture.shop)
        for index in observed.containers.indices {
            observed.containers[index].state = .exited(code: 0)
        }
        let plan = try Plan.start(Fixture.shop, observed: observed)
        try expectGolden(plan.description, "start.txt")
    }

    @Test("a dependency that is not required keeps no dependent from starting when its start fails")
    func startNotRequired() throws {
        let project = Fixture.shop.with {
            $0.services["migrate"]?.dependsOn["db"] = Fixture.dependency(required: false)
        }
        var observed = try Fixture.observed(project)
        for index in observed.containers.indices {
            observed.containers[index].state = .exited(code: 0)
        }
        for plan in [
            try Plan.start(project, observed: observed), try Fixture.plan(project, observed),
        ] {
            let verbs = plan.steps.map(\.operation.description)
            let wait = try #require(verbs.firstIndex(of: "wait for container shop-db-1 to run"))
            #expect(plan.steps[wait].after.isEmpty && plan.steps[wait].behind.count == 1)
            let start = try #require(verbs.firstIndex(of: "start container shop-migrate-1"))
            #expect(plan.steps[start].after == [wait])
        }
    }

    @Test("start of a service starts what it depends on, by the file and by the labels")
    func startDependencies() throws {
        var observed = try Fixture.observed(Fixture.shop)
        for index in observed.containers.indices {
            observed.containers[index].state = .exited(code: 0)
        }
        func started(_ project: Project?, _ service: String) throws -> [String] {
            try Plan.start(project, observed: observed, services: [service]).steps
                .compactMap {
                    if case .startContainer(let container) = $0.operation {
                        container.service
                    } else {
                        nil
                    }
                }
        }
        for project in [Fixture.shop, nil] {
            #expect(try started(project, "db") == ["db"])
            #expect(try started(project, "migrate") == ["db", "migrate"])
            #expect(try started(project, "web") == ["db", "migrate", "web"])
        }
        observed.containers.removeAll { $0.service == "db" }
        let error = #expect(throws: ReconcilerError.self) { try started(Fixture.shop, "migrate") }
        #expect(error?.description.contains("\"db\", which has no container") == true)
        let optional = Fixture.shop.with {
            $0.services["migrate"]?.dependsOn["db"]?.required = false
        }
        #expect(try started(optional, "migrate") == ["migrate"])
    }

    @Test("restart of a service takes along those that asked for it")
    func restart() throws {
        let project = Fixture.shop.with { $0.services["web"]?.dependsOn["db"]?.restart = true }
        let observed = try Fixture.observed(project)
        let plan = try Plan.restart(project, observed: observed, services: ["db"])
        #expect(
            plan.steps.map(\.operation.description) == [
                "restart container shop-db-1", "restart container shop-web-1",
            ]
        )
        #expect(plan.steps[1].after == [0])
    }

    @Test("a service without containers cannot be started or restarted")
    func missing() {
        #expect(throws: ReconcilerError.self) {
            try Plan.restart(Fixture.shop, observed: Observed(), services: ["db"])
        }
    }
}
