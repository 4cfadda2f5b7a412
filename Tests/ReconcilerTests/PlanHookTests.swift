import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor
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

    private static func preStart(_ image: String? = nil, perReplica: Bool = false) -> Hook {
        var hook = hook("prepare")
        hook.image = image
        hook.perReplica = perReplica
        return hook
    }

    private static let prepared = Fixture.project(
        Fixture.service("db"),
        Fixture.service("web") {
            $0.scale = 2
            $0.dependsOn = ["db": Fixture.dependency()]
            $0.preStart = [preStart(), preStart("tool:1", perReplica: true)]
        }
    )

    private func plan(_ project: Project, _ observed: Observed = Observed()) throws -> Plan {
        var images = Fixture.images(project)
        images["web.pre_start[1]"] = Fixture.image
        return try Plan.up(project, observed: observed, images: images)
    }

    @Test(
        "pre_start is run after the dependencies and before the start, once or for each container"
    )
    func preStart() throws {
        try expectGolden(try plan(Self.prepared).description, "up-pre-start.txt")
    }

    @Test("a hook has the networks and mounts of its container, and nothing that only one can have")
    func preStartContainer() throws {
        let project = Self.prepared.with {
            $0.services["web"]?.networks["default"]?.aliases = ["www"]
            $0.services["web"]?.environment = ["A": "1"]
            $0.services["web"]?.preStart[0].environment = ["B": "2"]
            $0.services["web"]?.preStart[0].user = "7"
        }
        let requests = try plan(project).steps.compactMap { step -> ContainerRequest? in
            guard case .runPreStart(let wanted, _) = step.operation else { return nil }
            return wanted.request
        }
        #expect(
            requests.map(\.name) == [
                "shop-web-pre_start-1", "shop-web-pre_start_1-2", "shop-web-pre_start_2-2",
            ]
        )
        let first = try #require(requests.first)
        #expect(first.isOneOff && first.number == nil)
        #expect(first.labels["com.docker.compose.hook"] == "pre_start")
        #expect(first.spec.volumesFrom?.map(\.container) == ["shop-web-1"])
        #expect(first.spec.process.arguments == ["/entry", "prepare"])
        #expect(first.spec.process.environment.suffix(2) == ["A=1", "B=2"])
        #expect(first.spec.process.user == "7")
        guard case .attached(let attachments) = first.spec.network else {
            Issue.record("it is on no network")
            return
        }
        #expect(attachments.allSatisfy { !$0.aliases.contains("www") })
    }

    @Test("pre_start is run again when nothing runs or for what is new, and a change recreates")
    func preStartAgain() throws {
        var observed = try Fixture.observed(Self.prepared, count: 2)
        observed.containers.removeAll { $0.name == "shop-db-2" }
        let running = observed
        #expect(try plan(Self.prepared, observed).isEmpty)
        let more = Self.prepared.with { $0.services["web"]?.scale = 3 }
        #expect(
            steps(try plan(more, observed)) == [
                "create container shop-web-3", "run pre_start[1] of container shop-web-3",
                "start container shop-web-3",
            ]
        )
        for index in observed.containers.indices where observed.containers[index].service == "web" {
            observed.containers[index].state = .exited(code: 0)
        }
        #expect(
            steps(try plan(Self.prepared, observed)) == [
                "run pre_start[0] of service web", "run pre_start[1] of container shop-web-1",
                "start container shop-web-1", "run pre_start[1] of container shop-web-2",
                "start container shop-web-2",
            ]
        )
        let changed = Self.prepared.with { $0.services["web"]?.preStart[0].command = ["other"] }
        let plan = try plan(changed, running)
        #expect(plan.steps.first?.because == "web: pre_start changed")
    }

    @Test("the image of a hook is pulled with those of the services")
    func preStartImages() throws {
        let missing = try Plan.images(for: Self.prepared, images: Fixture.images(Self.prepared))
        #expect(steps(missing) == ["pull image tool:1"])
        let never = Self.prepared.with { $0.services["web"]?.pullPolicy = .never }
        let error = #expect(throws: ReconcilerError.self) {
            try Plan.images(for: never, images: Fixture.images(never))
        }
        #expect(
            error?.problems.first?.reason
                == "image tool:1 of pre_start[1] is not on this machine and may not be pulled"
        )
    }

    @Test("what is left of a hook that failed goes with the project")
    func preStartDown() throws {
        var observed = Observed()
        for (name, isOfHook) in [("shop-web-pre_start-1", true), ("shop-web-run-1", false)] {
            let spec = try ContainerSpec(
                of: Fixture.service("web"),
                in: Self.prepared,
                image: Fixture.image
            )
            var container = Observed.Container(
                id: Fixture.id(observed.containers.count + 1),
                name: name,
                service: "web",
                number: 0,
                spec: spec,
                state: .exited(code: 0)
            )
            container.isOneOff = true
            container.isOfHook = isOfHook
            observed.containers.append(container)
        }
        let down = Plan.down(Self.prepared, named: "shop", observed: observed)
        #expect(steps(down) == ["remove container shop-web-pre_start-1"])
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
