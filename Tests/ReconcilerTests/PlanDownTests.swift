import Compose
import ContainerRuntime
import OrderedCollections
import Testing

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
        observed.volumes.append(Observed.Volume(name: "other", project: nil))
        var options = DownOptions()
        options.removesVolumes = true
        let plan = Plan.down(Fixture.shop, named: "shop", observed: observed, options: options)
        #expect(
            plan.steps.filter { $0.operation.noun.hasPrefix("volume") }
                .map(\.operation.description) == ["remove volume shop_data"]
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

    @Test("start waits for the conditions")
    func start() throws {
        var observed = try Fixture.observed(Fixture.shop)
        for index in observed.containers.indices {
            observed.containers[index].state = .exited(code: 0)
        }
        let plan = try Plan.start(Fixture.shop, observed: observed)
        try expectGolden(plan.description, "start.txt")
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
