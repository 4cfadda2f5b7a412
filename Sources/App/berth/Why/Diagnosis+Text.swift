import TextForms

extension Diagnosis {
    /// For people: a line with the verdict, and below it what was found, each cause further in.
    func text() -> String {
        var lines = [summary]
        for finding in findings { lines += finding.lines(indentation: 2) }
        if let plan {
            if plan.isEmpty {
                lines.append("  `berth up` would change nothing")
            } else {
                lines.append("  `berth up \(service)` would:")
                let shown = plan.prefix(Self.longestPlan)
                lines += shown.map { "    \($0.what) (\($0.because))" }
                if plan.count > shown.count {
                    lines.append("    and \(plan.count - shown.count) more steps: see `berth plan`")
                }
            }
        }
        return lines.map(VisibleText.escaped).joined(separator: "\n") + "\n"
    }

    private static let longestPlan = 10

    /// For programs.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "service", value: .string(service)),
            .init(name: "verdict", value: .string(verdict.rawValue)),
            .init(name: "summary", value: .string(summary)),
            .init(name: "findings", value: .array(findings.map(\.json))),
        ]
        if let plan {
            let steps = plan.map { step in
                JSONValue.object([
                    .init(name: "step", value: .string(step.what)),
                    .init(name: "because", value: .string(step.because)),
                ])
            }
            members.append(.init(name: "plan", value: .array(steps)))
        }
        return .object(members)
    }
}

extension Diagnosis.Finding {
    fileprivate func lines(indentation: Int) -> [String] {
        let blanks = String(repeating: " ", count: indentation)
        var lines: [String] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            lines.append(blanks + (number == 0 ? "" : "  ") + line)
        }
        for evidence in evidence {
            lines.append(blanks + "  " + evidence.title)
            lines += evidence.lines.flatMap {
                $0.split(separator: "\n", omittingEmptySubsequences: false)
            }
            .map { blanks + "    " + $0 }
        }
        if let remedy { lines.append(blanks + "  → \(remedy)") }
        for cause in causes { lines += cause.lines(indentation: indentation + 2) }
        return lines
    }

    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [.init(name: "text", value: .string(text))]
        members.append(
            .init(
                name: "evidence",
                value: .array(
                    evidence.map { evidence in
                        .object([
                            .init(name: "title", value: .string(evidence.title)),
                            .init(
                                name: "lines",
                                value: .array(evidence.lines.map { .string($0) })
                            ),
                        ])
                    }
                )
            )
        )
        if let remedy { members.append(.init(name: "remedy", value: .string(remedy))) }
        members.append(.init(name: "causes", value: .array(causes.map(\.json))))
        return .object(members)
    }
}
