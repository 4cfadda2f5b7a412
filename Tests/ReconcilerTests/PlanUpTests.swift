import Compose
import ContainerRuntime
import OrderedCollections
import Testing

@testable import Reconciler

@Suite("Plan of an up")
struct PlanUpTests {
    private func plan(
        _ project: Project,
        _ observed: Observed = Observed(),
        _ options: UpOptions = UpOptions()
    ) throws -> Plan {
        try Plan.up(
            project,
            observed: observed,
            images: Fixture.images(project),
            options: options
        )
    }

    @Test("makes everything of a new project, in order")
    func fresh() throws {
        try expectGolden(try plan(Fixture.shop).description, "up-fresh.txt")
    }

    @Test("waits at the end when asked")
    func waits() throws {
        var options = UpOptions()
        options.waits = true
        try expectGolden(
            try plan(Fixture.shop, Observed(), options).description,
            "up-wait.txt"
        )
    }

    @Test("does nothing when everything is as it should be")
    func upToDate() throws {
        let observed = try Fixture.observed(Fixture.shop)
        let plan = try plan(Fixture.shop, observed)
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
        let plan = try plan(project, observed)
        try expectGolden(plan.description, "up-changed.txt")
        #expect(
            plan.steps.dropFirst().allSatisfy { $0.because == "web: environment.COLOR changed" }
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

    @Test(
        "a changed dependency is started anew before its stopped dependents, not before running ones"
    )
    func changedDependency() throws {
        let observed = try Fixture.observed(Fixture.shop)
        let project = Fixture.shop.with { $0.services["db"]?.user = "db" }
        #expect(
            try plan(project, observed).steps.map(\.operation.description) == [
                "stop container shop-db-1", "recreate container shop-db-1",
                "start container shop-db-1", "wait for container shop-db-1 to be healthy",
            ]
        )
    }

    @Test("a job that has ended is done again and waited for, though what needed it runs")
    func finishedJob() throws {
        var observed = try Fixture.observed(Fixture.shop)
        for index in observed.containers.indices
        where observed.containers[index].service == "migrate" {
            observed.containers[index].state = .exited(code: 0)
        }
        let plan = try plan(Fixture.shop, observed)
        #expect(
            plan.steps.map(\.operation.description) == [
                "start container shop-migrate-1", "wait for container shop-migrate-1 to complete",
            ]
        )
        #expect(Set(plan.unchanged.map(\.service)) == ["db", "web"])
    }

    @Test("what runs and stays is named, what is changed, restarted or removed is not")
    func unchanged() throws {
        let project = Fixture.shop.with {
            $0.services["web"]?.dependsOn["db"]?.restart = true
        }
        let observed = try Fixture.observed(project)
        #expect(try plan(project, observed).unchanged.map(\.service) == ["db", "migrate", "web"])
        let changed = project.with { $0.services["db"]?.user = "db" }
        #expect(try plan(changed, observed).unchanged.map(\.service) == ["migrate"])
        #expect(try plan(Fixture.shop).unchanged.isEmpty)
    }

    @Test("those that run already are waited for, too, and looked at again when all are ready")
    func waitsForAll() throws {
        let project = Fixture.project(Fixture.service("a"), Fixture.service("b"))
        let observed = try Fixture.observed(project)
        var options = UpOptions()
        options.waits = true
        #expect(
            try plan(project, observed, options).steps.map(\.operation.description) == [
                "wait for container shop-a-1 to be ready",
                "wait for container shop-b-1 to be ready", "look again at 2 containers",
            ]
        )
        options.services = ["a"]
        #expect(try plan(project, observed, options).steps.count == 1)
    }

    @Test("depends_on.restart restarts running dependents of what is started anew")
    func restarts() throws {
        let project = Fixture.shop.with {
            $0.services["web"]?.dependsOn["db"]?.restart = true
        }
        let observed = try Fixture.observed(project)
        let changed = project.with { $0.services["db"]?.user = "db" }
        try expectGolden(try plan(changed, observed).description, "up-restart-dependents.txt")
    }

    @Test("scaling up takes the next numbers, scaling down removes the highest")
    func scale() throws {
        let project = Fixture.project(Fixture.service("web"))
        let observed = try Fixture.observed(project, count: 2)
        var options = UpOptions()
        options.scale = ["web": 4]
        #expect(
            try plan(project, observed, options).steps.map(\.operation.description) == [
                "create container shop-web-3", "start container shop-web-3",
                "create container shop-web-4", "start container shop-web-4",
            ]
        )
        options.scale = ["web": 0]
        #expect(
            try plan(project, observed, options).steps.map(\.operation.description) == [
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
        let plan = try plan(project, observed)
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
        #expect(try plan(project, observed, options).warnings[0].contains("[shop-old-1]"))
        options.ignoresOrphans = true
        #expect(try plan(project, observed, options).warnings == [])
        options.removesOrphans = true
        #expect(
            try plan(project, observed, options).steps.suffix(2).map(\.operation.description) == [
                "stop container shop-old-1", "remove container shop-old-1",
            ]
        )
    }

    @Test("a selection takes its dependencies along, unless told not to")
    func selection() throws {
        var options = UpOptions()
        options.services = ["migrate"]
        let with = try plan(Fixture.shop, Observed(), options)
        #expect(with.steps.compactMap(\.operation.service).contains("db"))
        #expect(!with.steps.compactMap(\.operation.service).contains("web"))
        options.withDependencies = false
        #expect(
            try plan(Fixture.shop, Observed(), options).steps.map(\.operation.description) == [
                "create network shop_default", "create container shop-migrate-1",
                "start container shop-migrate-1",
            ]
        )
        options.services = ["nope"]
        #expect(throws: ReconcilerError.self) { try plan(Fixture.shop, Observed(), options) }
    }

    @Test("--force-recreate is for what was named, --no-recreate for nothing")
    func recreation() throws {
        let observed = try Fixture.observed(Fixture.shop)
        var options = UpOptions()
        options.services = ["migrate"]
        options.recreation = .always
        let forced = try plan(Fixture.shop, observed, options)
        #expect(forced.steps.compactMap(\.operation.service) == ["migrate", "migrate", "migrate"])
        options.alwaysRecreatesDependencies = true
        let all = try plan(Fixture.shop, observed, options)
        #expect(Set(all.steps.compactMap(\.operation.service)) == ["db", "migrate"])
        options.alwaysRecreatesDependencies = false
        options.recreation = .never
        let changed = Fixture.shop.with { $0.services["migrate"]?.user = "x" }
        #expect(try plan(changed, observed, options).isEmpty)
    }

    @Test("what is not required only warns")
    func optional() throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.dependsOn = ["cache": Fixture.dependency(.healthy, required: false)]
            },
            Fixture.service("cache")
        )
        let plan = try plan(project)
        let wait = try #require(plan.steps.first { $0.operation.verb == "wait for" })
        #expect(wait.after == [])
        #expect(wait.behind.count == 1)
    }

    @Test("a dependency that profiles leave out does not matter when it is not required")
    func disabled() throws {
        let web = Fixture.service("web") {
            $0.dependsOn = ["cache": Fixture.dependency(.healthy, required: false)]
        }
        let project = Fixture.project(web).with {
            $0.disabledServices["cache"] = Fixture.service("cache")
        }
        #expect(!(try plan(project).description.contains("cache")))
    }

    @Test("an image that is missing makes the plan a forecast")
    func missingImage() throws {
        var images = Fixture.images(Fixture.shop)
        images["web"] = nil
        let plan = try Plan.up(Fixture.shop, observed: Observed(), images: images)
        #expect(!plan.isComplete)
        #expect(try self.plan(Fixture.shop).isComplete)
    }

    @Test("every problem is found before anything is touched")
    func problems() throws {
        var port = PublishedPort(target: 80)
        port.published = "8080"
        let project = Fixture.project(
            Fixture.service("a") {
                $0.ports = [port]
                $0.scale = 2
            },
            Fixture.service("b") {
                $0.networks = ["outside": ServiceNetwork()]
                $0.containerName = "shop-a-1"
            },
            Fixture.service("c") { $0.restart = "sometimes" }
        ).with {
            var outside = NetworkDeclaration(name: "lan")
            outside.external = true
            $0.networks["outside"] = outside
        }
        let error = #expect(throws: ReconcilerError.self) { try plan(project) }
        try expectGolden((error?.description ?? "") + "\n", "up-problems.txt")
    }

    @Test("a cycle of dependencies is an error, not the end of the stack")
    func cycle() {
        let project = Fixture.project(
            Fixture.service("a") { $0.dependsOn = ["b": Fixture.dependency()] },
            Fixture.service("b") { $0.dependsOn = ["a": Fixture.dependency()] }
        )
        let error = #expect(throws: ReconcilerError.self) { try plan(project) }
        #expect(error?.description.contains("a → b → a") == true)
    }

    @Test("networks and volumes of others are used with a warning")
    func foreign() throws {
        var observed = Observed()
        observed.networks = [
            Observed.Network(name: "shop_default", project: nil, isInternal: false, subnet: nil)
        ]
        observed.volumes = [Observed.Volume(name: "shop_data", project: "other")]
        #expect(try plan(Fixture.shop, observed).warnings.count == 2)
    }

    @Test("a plan of hundreds of services is made in no time")
    func large() throws {
        var project = Fixture.project()
        for number in 0..<300 {
            project.services["s\(number)"] = Fixture.service("s\(number)") {
                if number > 0 { $0.dependsOn = ["s\(number - 1)": Fixture.dependency(.healthy)] }
            }
        }
        let start = ContinuousClock.now
        let plan = try plan(project)
        // Made, started and waited for; the last one is not, and a network.
        #expect(plan.steps.count == 300 * 3 - 1 + 1)
        #expect(ContinuousClock.now - start < .seconds(2))
    }
}

@Suite("Plan of images")
struct PlanImagesTests {
    @Test("pulls each missing image once and builds what is to be built")
    func missing() throws {
        var project = Fixture.shop
        project.services["build"] = Fixture.service("build") {
            $0.image = nil
            $0.build = BuildDeclaration(context: "/srv/shop")
        }
        project.services["top"] = Fixture.service("top") {
            $0.image = nil
            var build = BuildDeclaration(context: "/srv/shop")
            build.additionalContexts = ["base": "service:build"]
            $0.build = build
            $0.dependsOn = ["build": Fixture.dependency()]
        }
        let plan = try Plan.images(for: project, images: [:])
        try expectGolden(plan.description, "images.txt")
        #expect(try Plan.images(for: project, images: Fixture.images(project)).isEmpty)
    }

    @Test(
        "pull policies",
        arguments: [
            (PullPolicy.always, UpOptions.Pull.missing, true, 1),
            (.missing, .missing, true, 0), (.missing, .missing, false, 1),
            (.missing, .always, true, 1), (.never, .always, true, 1), (.never, .missing, true, 0),
        ]
    )
    func policy(policy: PullPolicy, pull: UpOptions.Pull, isHere: Bool, steps: Int) throws {
        let project = Fixture.project(Fixture.service("web") { $0.pullPolicy = policy })
        var options = UpOptions()
        options.pull = pull
        let images = isHere ? Fixture.images(project) : [:]
        #expect(
            try Plan.images(for: project, images: images, options: options).steps.count == steps
        )
    }

    @Test("an image that another service builds is not pulled, also where it may not be")
    func builtByAnother() throws {
        let project = Fixture.project(
            Fixture.service("maker") {
                $0.image = "made:1"
                $0.build = BuildDeclaration(context: "/srv/shop")
            },
            Fixture.service("user") {
                $0.image = "made:1"
                $0.pullPolicy = .never
            }
        )
        let plan = try Plan.images(for: project, images: [:])
        #expect(plan.steps.map(\.operation.description) == ["build image made:1"])
    }

    @Test("never and not here is an error that names the service")
    func never() {
        let project = Fixture.project(Fixture.service("web") { $0.pullPolicy = .never })
        let error = #expect(throws: ReconcilerError.self) {
            try Plan.images(for: project, images: [:])
        }
        #expect(error?.description.contains("service \"web\"") == true)
    }
}
