/// What env files may bring: without an end, a short file that many services name fills the memory.
extension LoadSession {
    /// Whether another env file may bring its text; the first time it may not is reported.
    mutating func isRoomForVariables(of count: Int, askedAt place: Mark) -> Bool {
        guard diagnostics.budget.textBytes >= 0, diagnostics.budget.variables != .min else {
            return false
        }
        guard diagnostics.budget.variables >= 0 else {
            diagnostics.budget.variables = .min
            diagnostics.problem(
                "the env files bring more than \(limits.variables) variables",
                at: place,
                hint: "a file counts for each service that names it"
            )
            return false
        }
        diagnostics.budget.textBytes -= count
        guard diagnostics.budget.textBytes < 0 else { return true }
        diagnostics.problem(VariableTemplate.Failure.tooLong.message, at: place)
        return false
    }

    /// A service or an included file that adds variables has a copy of all others: of very many,
    /// as no shell has them, each copy counts.
    mutating func spendCopy(of environment: [String: String]) {
        guard environment.count > 1000, diagnostics.budget.variables >= 0 else { return }
        diagnostics.budget.variables -= environment.count
    }

    /// Whether another service may name another env or label file; the first time it may not is
    /// reported.
    mutating func isRoomForName(at place: Mark, path: String) -> Bool {
        diagnostics.budget.namedFiles -= 1
        if diagnostics.budget.namedFiles == -1 {
            diagnostics.problem(
                "more than \(limits.namedFiles) env and label files are named",
                at: place,
                path: path
            )
        }
        return diagnostics.budget.namedFiles >= 0 && !diagnostics.isOver
    }
}
