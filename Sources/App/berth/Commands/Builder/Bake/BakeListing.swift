import Bake
import TextForms

/// `--list`: the targets and groups, or the variables, of bake files.
struct BakeListing {
    private let isOfTargets: Bool
    private var asJSON = false

    /// `targets`, `variables`, or `type=targets,format=json`.
    init(parsing text: String) throws {
        var type = text
        for field in text.split(separator: ",") {
            switch field {
            case "format=json": asJSON = true
            case "format=table", "format=text": break
            default: type = field.hasPrefix("type=") ? String(field.dropFirst(5)) : String(field)
            }
        }
        guard ["targets", "variables"].contains(type) else {
            throw Failure("--list \(text): it can be targets or variables, with ,format=json")
        }
        isOfTargets = type == "targets"
    }

    func lines(of definition: BakeDefinition) throws -> [String] {
        let rows = isOfTargets ? Self.targets(definition) : Self.variables(definition)
        guard asJSON else {
            let heads =
                isOfTargets
                ? ["TARGET", "DESCRIPTION"] : ["VARIABLE", "TYPE", "VALUE", "DESCRIPTION"]
            return table([heads] + rows.map { $0.map { VisibleText.escaped($0.value) } })
        }
        let documents = rows.map { row in
            JSONValue.object(
                row.compactMap { name, value in
                    value.isEmpty ? nil : .init(name: name, value: .string(value))
                }
            )
        }
        return [JSONValue.array(documents).text()]
    }

    private static func targets(_ definition: BakeDefinition) -> [[(name: String, value: String)]] {
        var rows: [String: String] = [:]
        for (name, target) in definition.targets { rows[name] = target.text(.description) ?? "" }
        for (name, group) in definition.groups {
            rows[name] = group.description ?? group.members.joined(separator: ", ")
        }
        return rows.sorted { $0.key < $1.key }.filter { !$0.key.hasPrefix("_") }.map {
            [("name", $0.key), ("description", $0.value)]
        }
    }

    private static func variables(_ definition: BakeDefinition)
        -> [[(name: String, value: String)]]
    {
        definition.variables.map { variable in
            [
                ("name", variable.name), ("type", variable.type), ("value", variable.value),
                ("description", variable.description),
            ]
        }
    }

    private func table(_ rows: [[String]]) -> [String] {
        let count = rows.first?.count ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, text in
                column == count - 1 ? text : text.padded(toColumns: widths[column] + 2)
            }
            return String(cells.joined().reversed().drop { $0 == " " }.reversed())
        }
    }
}
