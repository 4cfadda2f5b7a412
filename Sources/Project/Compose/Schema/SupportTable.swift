/// The table of attributes as documentation and tests read it.
package enum SupportTable {
    /// One attribute of the specification.
    package struct Row: Hashable, Sendable {
        /// `services.*.healthcheck.interval`, `services.*.ports[].target`
        package var path: String
        /// It is done when the project runs; otherwise a file that has it is refused there, and
        /// only shown by `config`.
        package var isCarriedOut: Bool
    }

    /// Every attribute, parents before their parts.
    package static let rows: [Row] = {
        var rows: [Row] = []
        collect(.fields(.project), "", true, &rows)
        collect(.list(.fields(.include)), "include", true, &rows)
        return rows
    }()

    private static func collect(
        _ shape: Shape,
        _ path: String,
        _ isCarriedOut: Bool,
        _ rows: inout [Row]
    ) {
        switch shape {
        case .fields(let fields):
            for attribute in fields.attributes {
                let place = path.isEmpty ? attribute.key : "\(path).\(attribute.key)"
                let isDone = isCarriedOut && attribute.support == .carriedOut
                rows.append(Row(path: place, isCarriedOut: isDone))
                collect(attribute.shape, place, isDone, &rows)
            }
        case .named(let entry, _), .dictionary(let entry):
            collect(entry, path + ".*", isCarriedOut, &rows)
        case .list(let element): collect(element, path + "[]", isCarriedOut, &rows)
        case .form(let form): collect(form.long, path, isCarriedOut, &rows)
        default: return
        }
    }
}
