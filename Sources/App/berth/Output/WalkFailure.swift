import Reconciler

extension ConvergenceResult {
    /// Throws every failure of the walk, each with the services it concerns.
    func checkAll() throws {
        guard !walk.failures.isEmpty else { return try check() }
        var failure = Failure("")
        failure.lines = walk.failures.map { step, error in
            let text = "\(error)"
            let services = plan.steps[step].operation.services.filter { service in
                // An error that names the service, or its container, says it already.
                !text.hasPrefix("\(service): ") && !text.contains("-\(service)-")
            }
            guard !services.isEmpty else { return text }
            return "\(services.joined(separator: ", ")): \(text)"
        }
        throw failure
    }
}

extension Plan.Operation {
    /// The services that need it; none for networks and volumes.
    fileprivate var services: [String] {
        if case .pullImage(_, let services) = self { return services }
        return service.map { [$0] } ?? []
    }
}
