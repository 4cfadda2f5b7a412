import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor
import Testing
import TestSupport

@testable import Reconciler

/// Containers that share namespaces of another one, which are others each time that one starts.
@Suite("Plan: containers that share namespaces")
struct PlanCompanionTests {
    /// `tool` has the network of `vpn`, and nothing else shares anything.
    private static let project = Fixture.project(
        Fixture.service("tool") {
            $0.networks = [:]
            $0.networkMode = .service("vpn")
            $0.dependsOn = ["vpn": Fixture.dependency(restart: true)]
        },
        Fixture.service("vpn"),
        Fixture.service("web")
    )

    private func steps(_ plan: Plan) -> [String] { plan.steps.map(\.operation.description) }

    @Test(
        "without the container whose namespaces or volumes it is to have, nothing is made",
        arguments: ["network_mode", "pid", "ipc", "volumes_from"]
    )
    func missing(attribute: String) throws {
        let project = Self.project.with { project in
            project.services["tool"]?.dependsOn = [:]
            guard attribute != "network_mode" else { return }
            project.services["tool"]?.networkMode = nil
            switch attribute {
            case "pid": project.services["tool"]?.namespaces.pid = .service("vpn")
            case "ipc": project.services["tool"]?.namespaces.ipc = .service("vpn")
            default: project.services["tool"]?.volumesFrom = [VolumesFrom("vpn")].compactMap(\.self)
            }
        }
        var observed = try Fixture.observed(project)
        observed.containers.removeAll { $0.service == "vpn" }
        var options = UpOptions()
        options.services = ["tool"]
        options.withDependencies = false
        let error = #expect(throws: ReconcilerError.self) {
            try Fixture.plan(project, observed, options)
        }
        let words = [
            "network_mode": "network namespace", "pid": "PID namespace", "ipc": "IPC namespace",
        ]
        let problem = try #require(error?.problems.first)
        #expect(
            problem.reason
                == "cannot share \(words[attribute] ?? "volume") with service vpn: container missing"
        )
        #expect(problem.path == "services.tool.\(attribute)")
    }

    @Test("whose network it has is made and started first")
    func fresh() throws {
        try expectGolden(try Fixture.plan(Self.project).description, "up-shared-fresh.txt")
    }

    @Test("who shares what is recreated is stopped before it and started after it")
    func recreated() throws {
        let observed = try Fixture.observed(Self.project)
        let changed = Self.project.with { $0.services["vpn"]?.user = "1" }
        try expectGolden(
            try Fixture.plan(changed, observed).description,
            "up-shared-recreated.txt"
        )
        // Also where only the other one is asked for.
        var options = UpOptions()
        options.services = ["vpn"]
        #expect(
            steps(try Fixture.plan(changed, observed, options)) == [
                "stop container shop-tool-1", "stop container shop-vpn-1",
                "recreate container shop-vpn-1", "start container shop-vpn-1",
                "start container shop-tool-1",
            ]
        )
        options.starts = false
        #expect(
            steps(try Fixture.plan(changed, observed, options)) == [
                "stop container shop-tool-1", "stop container shop-vpn-1",
                "recreate container shop-vpn-1",
            ]
        )
    }

    @Test("who shares what runs on a replaced network is stopped and started with it")
    func network() throws {
        let observed = try Fixture.observed(Self.project)
        let changed = Self.project.with { $0.networks["default"]?.isInternal = true }
        let plan = try Fixture.plan(changed, observed)
        try expectGolden(plan.description, "up-shared-network.txt")
    }

    @Test("both recreated: the first is there when the second starts")
    func both() throws {
        let observed = try Fixture.observed(Self.project)
        let changed = Self.project.with {
            $0.services["vpn"]?.user = "1"
            $0.services["tool"]?.user = "1"
        }
        let plan = try Fixture.plan(changed, observed)
        let start = try #require(steps(plan).firstIndex(of: "start container shop-vpn-1"))
        let second = try #require(steps(plan).firstIndex(of: "start container shop-tool-1"))
        #expect(plan.steps[second].after.contains { plan.steps[$0].after.contains(start) })
        #expect(steps(plan).filter { $0 == "stop container shop-tool-1" }.count == 1)
    }

    @Test("who still runs in the namespaces of a former run is restarted, with the reason")
    func former() throws {
        var observed = try Fixture.observed(Self.project)
        for index in observed.containers.indices {
            observed.containers[index].startedAt = Timestamp(nanoseconds: 10)
        }
        #expect(try Fixture.plan(Self.project, observed).isEmpty)
        let vpn = try #require(observed.containers.firstIndex { $0.service == "vpn" })
        observed.containers[vpn].startedAt = Timestamp(nanoseconds: 11)
        let plan = try Fixture.plan(Self.project, observed)
        #expect(steps(plan) == ["restart container shop-tool-1"])
        #expect(
            plan.steps[0].because
                == "tool: shares namespaces of vpn, which was started again since"
        )
        observed.containers[vpn].state = .exited(code: 1)
        let started = try Fixture.plan(
            Self.project.with { $0.services["tool"]?.dependsOn["vpn"]?.restart = false },
            observed
        )
        #expect(
            steps(started) == ["start container shop-vpn-1", "restart container shop-tool-1"]
        )
        #expect(started.steps[1].after == [0])
    }

    @Test("restart stops who shares before, and starts it after")
    func restart() throws {
        let observed = try Fixture.observed(Self.project)
        let plan = try Plan.restart(Self.project, observed: observed, services: ["vpn"])
        #expect(
            steps(plan) == [
                "stop container shop-tool-1", "restart container shop-vpn-1",
                "start container shop-tool-1",
            ]
        )
        #expect(plan.steps[1].behind == [0])
        #expect(plan.steps[2].after == [0, 1])
        let alone = try Plan.restart(
            Self.project,
            observed: observed,
            services: ["vpn"],
            withDependents: false
        )
        #expect(steps(alone) == ["restart container shop-vpn-1"])
    }

    @Test("start restarts who runs in the namespaces of the former run")
    func start() throws {
        var observed = try Fixture.observed(Self.project)
        let vpn = try #require(observed.containers.firstIndex { $0.service == "vpn" })
        observed.containers[vpn].state = .exited(code: 0)
        let plan = try Plan.start(Self.project, observed: observed, services: ["vpn"])
        #expect(steps(plan) == ["start container shop-vpn-1", "restart container shop-tool-1"])
    }

    @Test("of several containers the first is meant, and none is a problem at its line")
    func replicas() throws {
        let named = Self.project.with { $0.services["vpn"]?.containerName = "tunnel" }
        let spec = try ContainerSpec(
            of: #require(named.services["tool"]),
            in: named,
            image: Fixture.image
        )
        #expect(spec.network == .container("tunnel"))
        var observed = try Fixture.observed(Self.project)
        for index in observed.containers.indices where observed.containers[index].service == "vpn" {
            observed.containers[index].name = "shop-vpn-3"
            observed.containers[index].number = 3
        }
        let plan = try Fixture.plan(Self.project, observed)
        guard
            case .replaceContainer(_, let wanted, _)? = plan.steps.map(\.operation).first(
                where: { $0.verb == "recreate" }
            )
        else {
            Issue.record("tool is to be recreated: \(plan)")
            return
        }
        #expect(wanted.request?.spec.network == .container("shop-vpn-3"))
        let error = #expect(throws: ReconcilerError.self) {
            try Fixture.plan(Self.project.with { $0.services["vpn"]?.scale = 0 })
        }
        #expect(error?.problems.map(\.path) == ["services.tool.network_mode"])
    }

    @Test("kernel parameters that are not the container's alone are refused at their line")
    func sysctls() throws {
        let project = Self.project.with {
            $0.services["web"]?.resources.sysctls = [
                "vm.swappiness": "10", "net.core.somaxconn": "10",
            ]
        }
        let error = #expect(throws: ReconcilerError.self) { try Fixture.plan(project) }
        #expect(error?.problems.map(\.path) == ["services.web.sysctls.vm.swappiness"])
        let host = Self.project.with {
            $0.services["web"]?.networks = [:]
            $0.services["web"]?.networkMode = .host
            $0.services["web"]?.resources.sysctls = ["net.core.somaxconn": "10"]
        }
        #expect(throws: ReconcilerError.self) { try Fixture.plan(host) }
    }
}
