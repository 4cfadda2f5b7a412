import ContainerRuntime
import Supervisor

extension Plan {
    /// `up --resume`: starts what ran when the machine was restarted and is to run by its restart
    /// policy, in the order of the dependencies that its labels name. No file is read.
    ///
    /// A dependency that does not become what was asked of it is told, and keeps nothing from being
    /// started: at a start of the machine nobody is there to help.
    package static func resume(_ observed: Observed) -> Plan {
        var plan = Plan()
        var waits = PlanWaits()
        var starts: [String: Int] = [:]
        let order = StopOrder(observed.containers, project: nil)
        let waiting = observed.containers.filter { $0.waitsAfterReboot && !$0.isSuccessor }
        for container in order.startSorted(waiting) {
            var behind: [Int] = []
            for need in container.dependencies {
                for other in waiting where other.service == need {
                    guard let start = starts[other.name] else { continue }
                    let condition = container.conditions[need] ?? .running
                    let wait = waits.add(
                        for: PlanWaits.Target(reference: other.reference, now: nil, step: start),
                        until: condition,
                        required: false,
                        because: "\(container.service): depends_on \(need)",
                        to: &plan
                    )
                    behind.append(wait ?? start)
                }
            }
            let start = plan.add(
                Step(
                    .startContainer(container.reference),
                    because: "restart: \(container.spec.restart.text)",
                    behind: Array(Set(behind)).sorted()
                )
            )
            starts[container.name] = start
        }
        return plan
    }
}
