import Compose
import ContainerRuntime
import OrderedCollections
import Testing
import TestSupport

@testable import Reconciler

@Suite("Plan: hooks and mounts of others")
struct PlanHookTests {
    private static func hook(_ word: String) -> Hook {
        var hook = Hook()
        hook.command = [word]
        return hook
    }

    private static let project = Fixture.project(
        Fixture.service("db") {
            $0.postStart = [hook("prepare")]
            $0.preStop = [hook("flush")]
        },
        Fixture.service("web") { $0.dependsOn = ["db": Fixture.dependency()] }
    )

    private func steps(_ plan: Plan) -> [String] { plan.steps.map(\.operation.description) }

    @Test("hooks follow a start, and dependents come after them")
    func fresh() throws {
        try expectGolden(try Fixture.plan(Self.project).description, "up-hooks.txt")
    }

    @Test("hooks precede a stop, and one that fails keeps it from being done")
    func stop() throws {
        let observed = try Fixture.observed(Self.project)
        let plan = Plan.stop(Self.project, observed: observed)
        #expect(
            steps(plan) == [
                "stop container shop-web-1", "run pre_stop in container shop-db-1",
                "stop container shop-db-1",
            ]
        )
        #expect(plan.steps[1].behind == [0])
        #expect(plan.steps[2].after == [1])
        // By its name alone: what a container was made with counts.
        let down = Plan.down(nil, named: "shop", observed: observed)
        #expect(steps(down).prefix(3) == steps(plan)[...])
    }

    @Test("a container is recreated and restarted with the hooks that it has and will have")
    func changes() throws {
        let observed = try Fixture.observed(Self.project)
        let changed = Self.project.with { $0.services["db"]?.postStart = [Self.hook("other")] }
        try expectGolden(try Fixture.plan(changed, observed).description, "up-hooks-changed.txt")
        #expect(
            steps(try Plan.restart(Self.project, observed: observed, services: ["db"])) == [
                "run pre_stop in container shop-db-1", "restart container shop-db-1",
                "run post_start in container shop-db-1",
            ]
        )
    }

    @Test("who has the mounts of a service is made after it and recreated with it")
    func mounts() throws {
        let project = Fixture.project(
            Fixture.service("backup") {
                $0.volumesFrom = [VolumesFrom("data:ro"), VolumesFrom("container:else")]
                    .compactMap(\.self)
                $0.dependsOn = ["data": Fixture.dependency()]
            },
            Fixture.service("data")
        )
        try expectGolden(try Fixture.plan(project).description, "up-volumes-from.txt")
        let observed = try Fixture.observed(project)
        #expect(try Fixture.plan(project, observed).isEmpty)
        let changed = project.with { $0.services["data"]?.user = "1" }
        try expectGolden(
            try Fixture.plan(changed, observed).description,
            "up-volumes-from-changed.txt"
        )
        // What came of it when it was made is no difference.
        var made = observed
        for index in made.containers.indices where made.containers[index].service == "backup" {
            made.containers[index].spec.volumesFrom?[0].mounts = [
                MountSpec(source: .bind(path: "/x", create: false), target: "/x")
            ]
        }
        #expect(try Fixture.plan(project, made).isEmpty)
        let other = project.with { $0.services["backup"]?.volumesFrom.removeLast() }
        #expect(
            try Fixture.plan(other, made).steps.first?.because
                == "backup: volumes_from.else removed"
        )
    }
}
