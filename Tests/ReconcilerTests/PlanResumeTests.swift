import Compose
import ContainerRuntime
import OrderedCollections
import Supervisor
import Testing
import TestSupport

@testable import Reconciler

@Suite("Plan of a resumption")
struct PlanResumeTests {
    /// What a restart of the machine has left of the shop, every service with a policy.
    private func rebooted() throws -> Observed {
        var observed = try Fixture.observed(Fixture.shop)
        for index in observed.containers.indices {
            let service = Fixture.shop.services[observed.containers[index].service]
            observed.containers[index].state = .exited(code: 137)
            observed.containers[index].health = nil
            observed.containers[index].spec.restart = .always
            observed.containers[index].waitsAfterReboot = true
            observed.containers[index].conditions = Dictionary(
                uniqueKeysWithValues: (service?.dependsOn ?? [:]).map {
                    ($0.key, WaitCondition($0.value.condition))
                }
            )
        }
        return observed
    }

    @Test("starts what ran, dependencies first, with the conditions of the labels")
    func order() throws {
        try expectGolden(Plan.resume(try rebooted()).description, "resume.txt")
    }

    @Test("leaves alone what does not wait, and waits for nothing of it")
    func partial() throws {
        var observed = try rebooted()
        observed["migrate"]?.waitsAfterReboot = false
        observed["db"]?.waitsAfterReboot = false
        let plan = Plan.resume(observed)
        #expect(plan.steps.map(\.operation.description) == ["start container shop-web-1"])
        #expect(plan.steps.first?.because == "restart: always")
    }

    @Test("a label says what is waited for")
    func labels() {
        let conditions = ComposeLabels.conditions(
            in: "db:service_healthy:true,job:service_completed_successfully:false,x:nonsense:true"
        )
        #expect(conditions == ["db": .healthy, "job": .gone])
        #expect(ComposeLabels.conditions(in: nil).isEmpty)
    }
}
