import Compose
import Reconciler

extension LoadedProject {
    /// Does what makes plans of the project. A problem of a plan that has a place in the file is
    /// shown there, as the problems of loading are.
    func placing<Result>(
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as ReconcilerError {
            guard error.problems.contains(where: { $0.path != nil }) else { throw error }
            let lines = error.problems.map { problem in
                problem.path.flatMap { path in
                    self.problem(problem.reason, at: path, hint: problem.remedy)?.rendered()
                } ?? problem.description
            }
            throw Failure(lines.joined(separator: "\n"))
        }
    }
}
