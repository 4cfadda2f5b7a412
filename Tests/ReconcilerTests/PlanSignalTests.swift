import Compose
import OrderedCollections
import Supervisor
import Testing

@testable import Reconciler

@Suite("kill, pause and rm")
struct PlanSignalTests {
    private static func observed(_ change: (inout Observed) -> Void = { _ in }) throws -> Observed {
        var observed = try Fixture.observed(Fixture.shop)
        change(&observed)
        return observed
    }

    private func names(_ plan: Plan) -> [String] { plan.steps.map(\.operation.description) }

    @Test("kill means what is alive, one-off containers too, orphans only when asked")
    func kill() throws {
        let names = try Self.observed().containers.map(\.name).sorted()
        let first = try #require(names.first)
        let observed = try Self.observed { observed in
            for index in observed.containers.indices where observed.containers[index].name == first
            {
                observed.containers[index].isOneOff = true
            }
            var orphan = observed.containers[0]
            orphan.name = "shop-orphan-1"
            orphan.service = "orphan"
            observed.containers.append(orphan)
            var ended = observed.containers[1]
            ended.name = "shop-ended-1"
            ended.state = .exited(code: 0)
            observed.containers.append(ended)
        }
        let plan = Plan.kill(Fixture.shop, observed: observed, signal: 9)
        #expect(self.names(plan) == names.map { "kill container \($0)" })
        let all = Plan.kill(Fixture.shop, observed: observed, signal: 9, withOrphans: true)
        #expect(self.names(all).contains("kill container shop-orphan-1"))
        #expect(all.steps.count == plan.steps.count + 1)
    }

    @Test("pause and unpause mean what runs, whether it is paused or not")
    func pause() throws {
        let observed = try Self.observed { $0.containers[0].isPaused = true }
        let names = observed.containers.map(\.name).sorted()
        let pause = try Plan.pause(Fixture.shop, observed: observed)
        #expect(self.names(pause) == names.map { "pause container \($0)" })
        let unpause = try Plan.unpause(Fixture.shop, observed: observed)
        #expect(self.names(unpause) == names.map { "unpause container \($0)" })
    }

    @Test("pause and unpause refuse what waits to be started again")
    func pauseRestarting() throws {
        let observed = try Self.observed { $0.containers[0].state = .restarting(code: 1) }
        let words = "container \(observed.containers[0].name): does not run: it waits to be started"
        for refused in [
            { try Plan.pause(Fixture.shop, observed: observed) },
            { try Plan.unpause(Fixture.shop, observed: observed) },
        ] {
            let error = #expect(throws: ReconcilerError.self) { _ = try refused() }
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        }
    }

    @Test("rm means what has ended or never ran, but nothing that `run` made")
    func remove() throws {
        let observed = try Self.observed { observed in
            observed.containers[0].state = .exited(code: 0)
            observed.containers[1].state = .created
            observed.containers[1].isOneOff = true
        }
        let removable = observed.removable([], in: Fixture.shop)
        #expect(removable.map(\.name) == [observed.containers[0].name])
        let plan = Plan.remove(removable, withAnonymousVolumes: true)
        #expect(
            plan.steps.map(\.operation)
                == [
                    .removeContainer(observed.containers[0].reference, withAnonymousVolumes: true)
                ]
        )
    }

    @Test("a paused container is refused by start and by up before anything is done")
    func pausedIsRefused() throws {
        let observed = try Self.observed { observed in
            observed.containers[0].isPaused = true
        }
        let words = "container \(observed.containers[0].name): is paused and cannot be started"
        let start = #expect(throws: ReconcilerError.self) {
            try Plan.start(Fixture.shop, observed: observed)
        }
        #expect(start.map { "\($0)".contains(words) } == true)
        let up = #expect(throws: ReconcilerError.self) {
            try Plan.up(Fixture.shop, observed: observed, images: Fixture.images(Fixture.shop))
        }
        #expect(up.map { "\($0)".contains(words) } == true)
        var options = UpOptions()
        options.starts = false
        _ = try Plan.up(
            Fixture.shop,
            observed: observed,
            images: Fixture.images(Fixture.shop),
            options: options
        )
    }
}
