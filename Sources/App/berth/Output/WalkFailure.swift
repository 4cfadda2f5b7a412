import Reconciler

extension ConvergenceResult {
    /// Throws every failure of the walk, each with the service it concerns.
    func checkAll() throws {
        guard !walk.failures.isEmpty else { return try check() }
        var failure = Failure("")
        failure.lines = walk.failures.map { step, error in
            let text = "\(error)"
            guard let service = plan.steps[step].operation.service, !text.contains(service) else {
                return text
            }
            return "\(service): \(text)"
        }
        throw failure
    }
}
