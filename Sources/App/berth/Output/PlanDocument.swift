import Reconciler

/// A plan as JSON, for scripts: `berth plan --format json`.
struct PlanDocument {
    /// One object on several lines.
    let text: String

    init(_ plan: Plan, of project: String) {
        let steps = plan.steps.enumerated().map { index, step in
            let operation = step.operation
            let members = [
                ("step", "\(index + 1)"),
                ("action", JSONText.string(operation.verb)),
                ("object", JSONText.string(operation.noun)),
                ("service", operation.service.map(JSONText.string) ?? "null"),
                ("reason", JSONText.string(Self.reason(step, in: plan))),
                ("after", Self.numbers(step.after)),
                ("behind", Self.numbers(step.behind)),
            ]
            return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
        }
        let members = [
            ("project", JSONText.string(project)),
            ("complete", "\(plan.isComplete)"),
            ("steps", Self.list(steps, indented: true)),
            ("unchanged", Self.list(plan.unchanged.map { JSONText.string($0.name) })),
            ("restarting", Self.list(plan.restarting.map { JSONText.string($0.name) })),
            ("warnings", Self.list(plan.warnings.map(JSONText.string))),
        ]
        text = "{\n" + members.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}"
    }

    /// All of it, where what people read is cut.
    private static func reason(_ step: Plan.Step, in plan: Plan) -> String {
        guard let changes = plan.wholeReasons[step.because] else { return step.because }
        let start = step.because.prefix { $0 != ":" }
        return "\(start): \(changes.joined(separator: ", "))"
    }

    /// Steps are counted from 1, as in the text.
    private static func numbers(_ steps: [Int]) -> String {
        list(steps.map { "\($0 + 1)" })
    }

    private static func list(_ items: [String], indented: Bool = false) -> String {
        guard indented, !items.isEmpty else { return "[" + items.joined(separator: ", ") + "]" }
        return "[\n    " + items.joined(separator: ",\n    ") + "\n  ]"
    }
}
