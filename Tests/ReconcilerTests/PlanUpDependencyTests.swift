import Compose
import OrderedCollections
import Supervisor
import Testing
import TestSupport

@testable import Reconciler

@Suite("Plan of an up: dependencies")
struct PlanUpDependencyTests {
    @Test(
        "a changed dependency is restarted before its stopped dependents, not before running ones"
    )
    func changedDependency() throws {
        let observed = try Fixture.observed(Fixture.runningShop)
        let project = Fixture.runningShop.with { $0.services["db"]?.user = "db" }
        #expect(
            try Fixture.plan(project, observed).steps.map(\.operation.description) == [
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
        let plan = try Fixture.plan(Fixture.shop, observed)
        #expect(
            plan.steps.map(\.operation.description) == [
                "start container shop-migrate-1", "wait for container shop-migrate-1 to complete",
            ]
        )
        #expect(Set(plan.unchanged.map(\.service)) == ["db", "web"])
    }

    @Test("depends_on.restart restarts running dependents of what is restarted")
    func restarts() throws {
        let project = Fixture.shop.with {
            $0.services["web"]?.dependsOn["db"]?.restart = true
        }
        let observed = try Fixture.observed(project)
        let changed = project.with { $0.services["db"]?.user = "db" }
        try expectGolden(
            try Fixture.plan(changed, observed).description,
            "up-restart-dependents.txt"
        )
    }

    @Test("a dependency that is merely started again restarts nobody, as with docker compose")
    func startedDependency() throws {
        let project = Fixture.shop.with {
            $0.services["web"]?.dependsOn["db"]?.restart = true
        }
        var observed = try Fixture.observed(project)
        for index in observed.containers.indices where observed.containers[index].service == "db" {
            observed.containers[index].state = .exited(code: 137)
        }
        let plan = try Fixture.plan(project, observed)
        #expect(
            plan.steps.map(\.operation.description).filter { !$0.hasPrefix("wait") }
                == ["start container shop-db-1"]
        )
        #expect(plan.unchanged.contains { $0.service == "web" })
    }

    @Test("a selection takes its dependencies along, unless told not to")
    func selection() throws {
        var options = UpOptions()
        options.services = ["migrate"]
        let with = try Fixture.plan(Fixture.shop, Observed(), options)
        #expect(with.steps.compactMap(\.operation.service).contains("db"))
        #expect(!with.steps.compactMap(\.operation.service).contains("web"))
        options.withDependencies = false
        #expect(
            try Fixture.plan(Fixture.shop, Observed(), options).steps.map(\.operation.description)
                == [
                    "create network shop_default", "create container shop-migrate-1",
                    "start container shop-migrate-1",
                ]
        )
        options.services = ["nope"]
        #expect(throws: ReconcilerError.self) {
            try Fixture.plan(Fixture.shop, Observed(), options)
        }
    }

    @Test("a wait for the health of what has no health check is refused at its place")
    func waitsInVain() throws {
        let project = Fixture.shop.with { $0.services["db"]?.healthcheck = nil }
        let error = #expect(throws: ReconcilerError.self) { try Fixture.plan(project) }
        #expect(
            error?.problems.map(\.path) == [
                "services.migrate.depends_on.db.condition", "services.web.depends_on.db.condition",
            ]
        )
        #expect(error?.problems.first?.reason.contains("\"db\" being healthy") == true)
        // Nobody waits where all runs as it is, nothing is started, or the image may have one.
        let observed = try Fixture.observed(project)
        let running = Fixture.runningShop.with { $0.services["db"]?.healthcheck = nil }
        #expect(try Fixture.plan(running, observed).isEmpty)
        var options = UpOptions()
        options.starts = false
        _ = try Fixture.plan(project, Observed(), options)
        _ = try Plan.up(project, observed: Observed(), images: [:])
        // `start` goes by what the containers were made with.
        var stopped = observed
        for index in stopped.containers.indices {
            stopped.containers[index].state = .exited(code: 0)
        }
        #expect(throws: ReconcilerError.self) { try Plan.start(project, observed: stopped) }
    }

    @Test("what waits to be started again by its policy is left so, and said to be")
    func restarting() throws {
        var observed = try Fixture.observed(Fixture.runningShop)
        for index in observed.containers.indices
        where observed.containers[index].service == "web" {
            observed.containers[index].state = .restarting(code: 3)
        }
        for plan in [
            try Fixture.plan(Fixture.runningShop, observed),
            try Plan.start(Fixture.runningShop, observed: observed),
        ] {
            #expect(plan.isEmpty)
            #expect(plan.restarting.map(\.name) == ["shop-web-1"])
            #expect(!plan.unchanged.contains { $0.service == "web" })
        }
    }

    @Test("what is not required only warns")
    func optional() throws {
        let project = Fixture.project(
            Fixture.service("web") {
                $0.dependsOn = ["cache": Fixture.dependency(.healthy, required: false)]
            },
            Fixture.service("cache")
        )
        let plan = try Fixture.plan(project)
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
        #expect(!(try Fixture.plan(project).description.contains("cache")))
    }

    @Test("a cycle of dependencies is an error, not the end of the stack")
    func cycle() {
        let project = Fixture.project(
            Fixture.service("a") { $0.dependsOn = ["b": Fixture.dependency()] },
            Fixture.service("b") { $0.dependsOn = ["a": Fixture.dependency()] }
        )
        let error = #expect(throws: ReconcilerError.self) { try Fixture.plan(project) }
        #expect(error?.description.contains("a → b → a") == true)
    }
}
