import TextForms

extension GoValue {
    /// Compact JSON, as docker's `json` function writes it: nothing escaped for HTML.
    package var json: String { json(escapesHTML: false) }

    /// The same, safe within HTML when asked for, as Go's `json.Marshal` writes it.
    package func json(escapesHTML: Bool) -> String {
        var out = ""
        writeJSON(into: &out, escapesHTML)
        return out
    }

    /// JSON over several lines, as `inspect` prints it: four spaces a level.
    package func indentedJSON(prefix: String = "", indent: String = "    ") -> String {
        var out = ""
        writeJSON(into: &out, line: "\n" + prefix, indent: indent)
        return out
    }

    private static func quoted(_ text: String, escapesHTML: Bool = false) -> String {
        JSONString.quoted(text, escapesHTML: escapesHTML, escapesInvisible: true)
    }

    private func writeJSON(into out: inout String, _ escapesHTML: Bool = false) {
        switch self {
        case .nothing, .function: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .integer(let value): out += String(value)
        case .float(let value): out += GoFloat.json(value)
        case .string(let value): out += Self.quoted(value, escapesHTML: escapesHTML)
        case .list(let values):
            out += "["
            for (index, value) in values.enumerated() {
                if index > 0 { out += "," }
                value.writeJSON(into: &out, escapesHTML)
            }
            out += "]"
        case .map(let map):
            out += "{"
            for (index, entry) in map.entries.enumerated() where !entry.value.isFunction {
                if index > 0, !out.hasSuffix("{") { out += "," }
                out += Self.quoted(entry.key, escapesHTML: escapesHTML)
                out += ":"
                entry.value.writeJSON(into: &out, escapesHTML)
            }
            out += "}"
        }
    }

    private func writeJSON(into out: inout String, line: String, indent: String) {
        let inner = line + indent
        switch self {
        case .list(let values) where !values.isEmpty:
            out += "["
            for (index, value) in values.enumerated() {
                out += (index > 0 ? "," : "") + inner
                value.writeJSON(into: &out, line: inner, indent: indent)
            }
            out += line + "]"
        case .map(let map) where !map.entries.isEmpty:
            out += "{"
            for (index, entry) in map.entries.enumerated() {
                out += (index > 0 ? "," : "") + inner
                out += Self.quoted(entry.key)
                out += ": "
                entry.value.writeJSON(into: &out, line: inner, indent: indent)
            }
            out += line + "}"
        default: writeJSON(into: &out)
        }
    }

    private var isFunction: Bool {
        if case .function = self { true } else { false }
    }
}
