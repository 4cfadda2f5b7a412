/// The table of attributes as documentation and tests read it.
package enum SupportTable {
    /// One attribute of the specification.
    package struct Row: Hashable, Sendable {
        /// `services.*.healthcheck.interval`, `services.*.ports[].target`
        package var path: String
        package var outcome: Outcome
    }

    /// What becomes of an attribute when the project runs; `config` shows it in any case.
    package enum Outcome: Hashable, Sendable {
        case carriedOut
        /// These values are, and others are refused.
        case limited(to: [String])
        /// It changes nothing, for a reason; a note says so when the project runs, unless it only
        /// describes the project.
        case informational(reason: String, isNoted: Bool)
        /// A file that has it is refused there, but for these values.
        case refused(butFor: [String])
    }

    /// Every attribute, parents before their parts.
    package static let rows: [Row] = {
        var rows: [Row] = []
        collect(.fields(.project), "", .carriedOut, &rows)
        collect(.list(.fields(.include)), "include", .carriedOut, &rows)
        return rows
    }()

    private static func collect(
        _ shape: Shape,
        _ path: String,
        _ outer: Outcome,
        _ rows: inout [Row]
    ) {
        switch shape.parts {
        case .fields(let fields):
            for attribute in fields.attributes {
                let place = path.isEmpty ? attribute.key : "\(path).\(attribute.key)"
                let outcome = outer == .carriedOut ? attribute.outcome : outer
                rows.append(Row(path: place, outcome: outcome))
                collect(attribute.shape, place, outcome, &rows)
            }
        case .entries(let entry): collect(entry.shape, path + ".*", outer, &rows)
        case .elements(let element): collect(element.shape, path + "[]", outer, &rows)
        case .none: return
        }
    }
}

extension Attribute {
    fileprivate var outcome: SupportTable.Outcome {
        switch support {
        case .carriedOut: ordinary.isEmpty ? .carriedOut : .limited(to: ordinary)
        case .informational(let reason): .informational(reason: reason, isNoted: true)
        case .descriptive(let reason): .informational(reason: reason, isNoted: false)
        case .refused, .impossible: .refused(butFor: ordinary)
        }
    }
}
