/// What `config --variables` prints.
package enum VariableListing {
    /// Docker's table, sorted by name.
    package static let header = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"]

    /// Rows of the table.
    package static func rows(_ variables: [TemplateVariable]) -> [[String]] {
        variables.map { [$0.name, "\($0.isRequired)", $0.defaultValue, $0.presenceValue] }
    }

    /// The variables by name, as docker prints them: four columns a level.
    package static func json(_ variables: [TemplateVariable]) -> String {
        guard !variables.isEmpty else { return "{}\n" }
        let entries = variables.map { variable in
            let members = [
                ("Name", quoted(variable.name)), ("DefaultValue", quoted(variable.defaultValue)),
                ("PresenceValue", quoted(variable.presenceValue)),
                ("Required", "\(variable.isRequired)"),
            ].map { "        \"\($0)\": \($1)" }
            return "    \(quoted(variable.name)): {\n\(members.joined(separator: ",\n"))\n    }"
        }
        return "{\n" + entries.joined(separator: ",\n") + "\n}\n"
    }

    /// The variables by name, as docker prints them: four columns a level.
    package static func yaml(_ variables: [TemplateVariable]) -> String {
        guard !variables.isEmpty else { return "{}\n" }
        return variables.map { variable in
            let members = [
                ("name", YAMLWriter.inline(variable.name)),
                ("defaultvalue", YAMLWriter.inline(variable.defaultValue)),
                ("presencevalue", YAMLWriter.inline(variable.presenceValue)),
                ("required", "\(variable.isRequired)"),
            ].map { "    \($0): \($1)\n" }
            return YAMLWriter.inline(variable.name) + ":\n" + members.joined()
        }.joined()
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONWriter.compact(.text(text), of: .string), as: UTF8.self)
    }
}
