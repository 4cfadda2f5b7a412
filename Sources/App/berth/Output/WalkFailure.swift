import Compose
import Reconciler

extension ConvergenceResult {
    /// Throws every failure of the walk, each with the services it concerns, and with its place in the
    /// file where it has one.
    func checkAll(in loaded: LoadedProject? = nil) throws {
        guard !walk.failures.isEmpty else { return try check() }
        var failure = Failure("")
        failure.lines = walk.failures.map { step, error in
            let text = "\(error)" + consequence(of: step)
            let path = (error as? ReconcilerError)?.problems.first?.path
            if let path, let place = loaded?.problem("", at: path, hint: nil)?.position {
                return "\(place): \(text)"
            }
            let services = plan.steps[step].operation.services.filter { service in
                // An error that names the service, or its container, says it already.
                !text.hasPrefix("\(service): ") && !text.contains("-\(service)-")
            }
            guard !services.isEmpty else { return text }
            return "\(services.joined(separator: ", ")): \(text)"
        }
        throw failure
    }

    /// Which services were not started because a step failed, as a line of its own.
    private func consequence(of failed: Int) -> String {
        var reached: Set<Int> = [failed]
        var names: [String] = []
        for (index, step) in plan.steps.enumerated()
        where walk.skipped.contains(index) && !reached.isDisjoint(with: step.after) {
            reached.insert(index)
            guard case .startContainer(let container) = step.operation,
                container.service != plan.steps[failed].operation.service,
                !names.contains(container.service)
            else { continue }
            names.append(container.service)
        }
        guard !names.isEmpty else { return "" }
        return "\nnot started because of it: \(names.joined(separator: ", "))"
    }
}

extension Plan.Operation {
    /// The services that need it; none for networks and volumes.
    fileprivate var services: [String] {
        if case .pullImage(_, let services) = self { return services }
        return service.map { [$0] } ?? []
    }
}
