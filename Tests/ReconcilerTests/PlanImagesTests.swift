import Compose
import OrderedCollections
import TestSupport
import Testing

@testable import Reconciler

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

    @Test("what a build builds upon is built before it, also when nobody named it")
    func builtUpon() throws {
        var project = Fixture.project(
            Fixture.service("app") {
                $0.image = nil
                var build = BuildDeclaration(context: "/srv/shop")
                build.additionalContexts = ["basis": "service:base"]
                $0.build = build
            }
        )
        project.services["base"] = Fixture.service("base") {
            $0.image = nil
            $0.build = BuildDeclaration(context: "/srv/base")
        }
        var options = UpOptions()
        options.services = ["app"]
        options.withDependencies = false
        // A project that was loaded for one service knows the others as disabled ones.
        var narrowed = project
        narrowed.disabledServices["base"] = narrowed.services.removeValue(forKey: "base")
        for project in [project, narrowed] {
            let plan = try Plan.images(for: project, images: [:], options: options)
            #expect(
                plan.steps.map(\.operation) == [
                    .buildImage(service: "base", reference: "shop-base"),
                    .buildImage(service: "app", reference: "shop-app"),
                ]
            )
            #expect(plan.steps.last?.after == [0])
        }
    }

    @Test(
        "pull policies",
        arguments: [
            (PullPolicy.always, nil, true, 1), (.never, nil, true, 0),
            (.missing, nil, true, 0), (.missing, nil, false, 1),
            // The flag overrides the file, either way.
            (.missing, .always, true, 1), (.never, .always, true, 1), (.never, .missing, true, 0),
            (.never, .missing, false, 1), (.always, .missing, true, 0), (.always, .never, true, 0),
            (.build, .never, true, 0), (.build, .missing, true, 0), (.build, .missing, false, 1),
        ] as [(PullPolicy, UpOptions.Pull?, Bool, Int)]
    )
    func policy(policy: PullPolicy, pull: UpOptions.Pull?, isHere: Bool, steps: Int) throws {
        let project = Fixture.project(Fixture.service("web") { $0.pullPolicy = policy })
        var options = UpOptions()
        options.pull = pull
        let images = isHere ? Fixture.images(project) : [:]
        #expect(
            try Plan.images(for: project, images: images, options: options).steps.count == steps
        )
    }

    @Test(
        "builds what is missing, everything, or nothing",
        arguments: [
            (UpOptions.Building.asNeeded, nil, true, 0), (.asNeeded, nil, false, 1),
            (.asNeeded, .build, true, 1), (.always, nil, true, 1), (.never, nil, true, 0),
            (.never, .build, true, 0), (.never, nil, false, nil), (.never, .build, false, nil),
        ] as [(UpOptions.Building, PullPolicy?, Bool, Int?)]
    )
    func building(
        building: UpOptions.Building,
        policy: PullPolicy?,
        isHere: Bool,
        steps: Int?
    ) throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.image = nil
                $0.build = BuildDeclaration(context: "/srv/shop")
                $0.pullPolicy = policy
            }
        )
        var options = UpOptions()
        options.building = building
        let images = isHere ? Fixture.images(project) : [:]
        guard let steps else {
            let error = #expect(throws: ReconcilerError.self) {
                try Plan.images(for: project, images: images, options: options)
            }
            #expect(error?.description.contains("`--no-build`") == true)
            return
        }
        #expect(
            try Plan.images(for: project, images: images, options: options).steps.count == steps
        )
    }

    @Test("--pull overrides a policy of building, too", arguments: UpOptions.Pull.allCases)
    func overridden(pull: UpOptions.Pull) throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.image = nil
                $0.build = BuildDeclaration(context: "/srv/shop")
                $0.pullPolicy = .build
            }
        )
        var options = UpOptions()
        options.pull = pull
        let here = Fixture.images(project)
        #expect(try Plan.images(for: project, images: here, options: options).isEmpty)
        #expect(try Plan.images(for: project, images: [:], options: options).steps.count == 1)
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

    @Test(
        "an image that is mounted is pulled by the service's policy",
        arguments: [
            (PullPolicy?.none, true, [String]()), (nil, false, ["pull image tool:1"]),
            (.always, true, ["pull image web:1", "pull image tool:1"]), (.missing, true, []),
            (.missing, false, ["pull image tool:1"]), (.never, true, []), (.never, false, nil),
        ] as [(PullPolicy?, Bool, [String]?)]
    )
    func mounted(policy: PullPolicy?, isHere: Bool, steps: [String]?) throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.image = "web:1"
                $0.pullPolicy = policy
                $0.volumes = [VolumeMount(source: .image("tool:1"), target: "/tool")]
            }
        )
        var images = Fixture.images(project)
        if isHere { images.mounted = ["tool:1"] }
        guard let steps else {
            let error = #expect(throws: ReconcilerError.self) {
                try Plan.images(for: project, images: images)
            }
            #expect(error?.description.contains("image tool:1, which it mounts") == true)
            return
        }
        let plan = try Plan.images(for: project, images: images)
        #expect(plan.steps.map(\.operation.description) == steps)
    }

    @Test("the image of another service is had before it is mounted, whether or not that one runs")
    func mountedOfService() throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.volumes = [VolumeMount(source: .image("tool"), target: "/tool")]
            },
            Fixture.service("tool") {
                $0.image = "tool:1"
                $0.build = BuildDeclaration(context: "/srv/shop")
            }
        )
        var options = UpOptions()
        options.services = ["web"]
        var images = Fixture.images(project)
        images["tool"] = nil
        let plan = try Plan.images(for: project, images: images, options: options)
        #expect(plan.steps.map(\.operation.description) == ["build image tool:1"])
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
