import Addresses
import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Supervisor
import Testing
import TestSupport

@testable import Reconciler

@Suite("Plan of an up")
struct PlanUpTests {
    @Test("makes everything of a new project, in order")
    func fresh() throws {
        try expectGolden(try Fixture.plan(Fixture.shop).description, "up-fresh.txt")
    }

    @Test("waits at the end when asked")
    func waits() throws {
        var options = UpOptions()
        options.waits = true
        try expectGolden(
            try Fixture.plan(Fixture.shop, Observed(), options).description,
            "up-wait.txt"
        )
    }

    @Test("does nothing when everything is as it should be")
    func upToDate() throws {
        let observed = try Fixture.observed(Fixture.runningShop)
        let plan = try Fixture.plan(Fixture.runningShop, observed)
        #expect(plan.isEmpty)
        #expect(plan.warnings == [])
        #expect(plan.description == "up to date\n")
    }

    @Test("a plan's columns hold names of any length, and are stacked where there is no room")
    func longNames() throws {
        var plan = Plan()
        let long = String(repeating: "n", count: 70)
        let steps: [(Plan.Operation, String)] = [
            (.removeNetwork(name: long), "no service uses it"),
            (.removeVolume(name: "v"), "asked for"),
        ]
        for (operation, why) in steps { _ = plan.add(Plan.Step(operation, because: why)) }
        #expect(
            plan.description(columns: 200).split(separator: "\n") == [
                "1  remove network \(long)  no service uses it",
                "2  remove volume v\(String(repeating: " ", count: 70))  asked for",
            ]
        )
        #expect(
            plan.description(columns: 80) == """
                1  remove network \(long)
                     no service uses it
                2  remove volume v
                     asked for

                """
        )
    }

    @Test("recreates what changed and says which field")
    func changed() throws {
        let observed = try Fixture.observed(Fixture.shop)
        let project = Fixture.shop.with { $0.services["web"]?.environment["COLOR"] = "blue" }
        let plan = try Fixture.plan(project, observed)
        try expectGolden(plan.description, "up-changed.txt")
        #expect(
            plan.steps.dropFirst().allSatisfy { $0.because == "web: environment.COLOR: red → blue" }
        )
    }

    @Test("a newer image recreates its service")
    func newerImage() throws {
        let observed = try Fixture.observed(Fixture.shop)
        var images = Fixture.images(Fixture.shop)
        images["web"]?.digest = Fixture.otherDigest
        let plan = try Plan.up(Fixture.shop, observed: observed, images: images)
        #expect(plan.steps.map(\.operation.verb) == ["wait for", "stop", "recreate", "start"])
        #expect(plan.steps[1].because == "web: image app:1 is a newer one")
    }

    @Test("a forecast shows what an image of another name recreates before it is here")
    func imageToCome() throws {
        let observed = try Fixture.observed(Fixture.shop)
        let project = Fixture.shop.with { $0.services["web"]?.image = "app:2" }
        var images = Fixture.images(project)
        images["web"] = nil
        let plan = try Plan.up(project, observed: observed, images: images)
        #expect(plan.steps.map(\.operation.verb) == ["wait for", "stop", "recreate", "start"])
        #expect(plan.steps[2].because == "web: image: app:1 → app:2")
        #expect(!plan.isComplete)
        let same = try Plan.up(Fixture.runningShop, observed: observed, images: images)
        #expect(same.isEmpty)
    }

    @Test("more containers than a network connects are not planned")
    func scaleBound() throws {
        var options = UpOptions()
        options.scale = ["web": 100_000_000]
        let error = #expect(throws: ReconcilerError.self) {
            try Fixture.plan(Fixture.project(Fixture.service("web")), Observed(), options)
        }
        #expect(error?.description.contains("no more than 1023") == true)
    }

    @Test("what runs and stays is named, what is changed, restarted or removed is not")
    func unchanged() throws {
        let project = Fixture.shop.with {
            $0.services["web"]?.dependsOn["db"]?.restart = true
        }
        let observed = try Fixture.observed(project)
        #expect(
            try Fixture.plan(project, observed).unchanged.map(\.service) == [
                "db", "migrate", "web",
            ]
        )
        let changed = project.with { $0.services["db"]?.user = "db" }
        #expect(try Fixture.plan(changed, observed).unchanged.map(\.service) == ["migrate"])
        #expect(try Fixture.plan(Fixture.shop).unchanged.isEmpty)
    }

    @Test("those that run already are waited for, too, and looked at again when all are ready")
    func waitsForAll() throws {
        let project = Fixture.project(Fixture.service("a"), Fixture.service("b"))
        let observed = try Fixture.observed(project)
        var options = UpOptions()
        options.waits = true
        #expect(
            try Fixture.plan(project, observed, options).steps.map(\.operation.description) == [
                "wait for container shop-a-1 to be ready",
                "wait for container shop-b-1 to be ready", "look again at 2 containers",
            ]
        )
        options.services = ["a"]
        #expect(try Fixture.plan(project, observed, options).steps.count == 1)
    }

    @Test("scaling up takes the next numbers, scaling down removes the highest")
    func scale() throws {
        let project = Fixture.project(Fixture.service("web"))
        let observed = try Fixture.observed(project, count: 2)
        var options = UpOptions()
        options.scale = ["web": 4]
        #expect(
            try Fixture.plan(project, observed, options).steps.map(\.operation.description) == [
                "create container shop-web-3", "start container shop-web-3",
                "create container shop-web-4", "start container shop-web-4",
            ]
        )
        options.scale = ["web": 0]
        #expect(
            try Fixture.plan(project, observed, options).steps.map(\.operation.description) == [
                "stop container shop-web-2", "remove container shop-web-2",
                "stop container shop-web-1", "remove container shop-web-1",
            ]
        )
    }

    @Test("starts what has ended")
    func startsEnded() throws {
        let project = Fixture.project(Fixture.service("web"))
        var observed = try Fixture.observed(project)
        observed.containers[0].state = .exited(code: 1)
        let plan = try Fixture.plan(project, observed)
        #expect(
            plan.steps == [
                .init(
                    .startContainer(observed.containers[0].reference),
                    because: "web: not running"
                )
            ]
        )
    }

    @Test("orphans are named, or removed when asked, or passed over")
    func orphans() throws {
        let project = Fixture.project(Fixture.service("web"))
        var observed = try Fixture.observed(project)
        observed.containers[0].service = "old"
        observed.containers[0].name = "shop-old-1"
        var options = UpOptions()
        #expect(try Fixture.plan(project, observed, options).warnings[0].contains("[shop-old-1]"))
        options.ignoresOrphans = true
        #expect(try Fixture.plan(project, observed, options).warnings == [])
        options.removesOrphans = true
        #expect(
            try Fixture.plan(project, observed, options).steps.suffix(2).map(
                \.operation.description
            ) == [
                "stop container shop-old-1", "remove container shop-old-1",
            ]
        )
    }

    @Test("--force-recreate is for what was named, --no-recreate for nothing")
    func recreation() throws {
        let observed = try Fixture.observed(Fixture.shop)
        var options = UpOptions()
        options.services = ["migrate"]
        options.recreation = .always
        let forced = try Fixture.plan(Fixture.shop, observed, options)
        #expect(forced.steps.compactMap(\.operation.service) == ["migrate", "migrate", "migrate"])
        options.alwaysRecreatesDependencies = true
        let all = try Fixture.plan(Fixture.shop, observed, options)
        #expect(Set(all.steps.compactMap(\.operation.service)) == ["db", "migrate"])
        options.alwaysRecreatesDependencies = false
        options.recreation = .never
        let changed = Fixture.shop.with { $0.services["migrate"]?.user = "x" }
        #expect(try Fixture.plan(changed, observed, options).isEmpty)
    }

    @Test("an image that is missing makes the plan a forecast")
    func missingImage() throws {
        var images = Fixture.images(Fixture.shop)
        images["web"] = nil
        let plan = try Plan.up(Fixture.shop, observed: Observed(), images: images)
        #expect(!plan.isComplete)
        #expect(try Fixture.plan(Fixture.shop).isComplete)
    }

    @Test("every problem is found before anything is touched")
    func problems() throws {
        var port = PortDeclaration(target: 80)
        port.published = PortRange(8080, 8080)
        let project = Fixture.project(
            Fixture.service("a") {
                $0.ports = [port]
                $0.scale = 2
            },
            Fixture.service("b") {
                $0.networks = ["outside": ServiceNetwork()]
                $0.containerName = "shop-a-1"
            },
            Fixture.service("c") { $0.networks = ["nowhere": ServiceNetwork()] }
        ).with {
            var outside = NetworkDeclaration(name: "lan")
            outside.external = true
            $0.networks["outside"] = outside
        }
        let error = #expect(throws: ReconcilerError.self) { try Fixture.plan(project) }
        try expectGolden((error?.description ?? "") + "\n", "up-problems.txt")
    }

    @Test("networks and volumes of others are used with a warning")
    func foreign() throws {
        var observed = Observed()
        observed.networks = [Fixture.network("shop_default", of: nil)]
        observed.volumes = [Fixture.volume("shop_data", of: "other")]
        #expect(try Fixture.plan(Fixture.shop, observed).warnings.count == 2)
    }

    @Test("a plan of hundreds of services is made in no time")
    func large() throws {
        var project = Fixture.project()
        for number in 0..<300 {
            project.services["s\(number)"] = Fixture.service("s\(number)") {
                $0.healthcheck = Fixture.shop.services["db"]?.healthcheck
                if number > 0 { $0.dependsOn = ["s\(number - 1)": Fixture.dependency(.healthy)] }
            }
        }
        let start = ContinuousClock.now
        let plan = try Fixture.plan(project)
        // Made, started and waited for; the last one is not, and a network.
        #expect(plan.steps.count == 300 * 3 - 1 + 1)
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test("a platform is asked for where nothing is warned of, and refused where nothing runs it")
    func askedPlatform() throws {
        var service = Fixture.service("web")
        service.platform = "linux/mips64le"
        let project = Fixture.project(service)
        var image = Fixture.image
        image.platform = Platform(os: "linux", architecture: "mips64le")
        let plan = try Plan.up(project, observed: Observed(), images: ["web": image])
        #expect(plan.warnings.isEmpty)
        let nothing = RunnablePlatforms(host: Platform(os: "linux", architecture: "amd64"))
        let error = #expect(throws: ReconcilerError.self) { try project.checkPlatforms(nothing) }
        #expect(error?.problems.first?.path == "services.web.platform")
        #expect(error?.description.contains("no interpreter for linux/mips64le") == true)
        let other = Platform(os: "linux", architecture: "mips64le")
        try project.checkPlatforms(RunnablePlatforms(host: other))
        #expect(try project.platforms(ofImage: service.imageReference(in: project)) == [other])
    }

    @Test("an image of another architecture is warned of once, where a container is made of it")
    func otherPlatform() throws {
        let project = Fixture.project(Fixture.service("web") { $0.scale = 2 })
        var image = Fixture.image
        image.platform = Platform(os: "linux", architecture: "s390x")
        let plan = try Plan.up(project, observed: Observed(), images: ["web": image])
        #expect(
            plan.warnings == [
                "web: the platform of image app:1 (linux/s390x) does not match the detected host "
                    + "platform (\(Platform.host)) and no specific platform was requested"
            ]
        )
    }
}
