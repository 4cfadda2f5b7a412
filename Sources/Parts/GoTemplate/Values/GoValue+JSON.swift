extension GoValue {
    /// Compact JSON, as docker's `json` function writes it: nothing escaped for HTML.
    package var json: String {
        var out = ""
        writeJSON(into: &out)
        return out
    }

    /// JSON over several lines, as `inspect` prints it: four spaces a level.
    package func indentedJSON(prefix: String = "", indent: String = "    ") -> String {
        var out = ""
        writeJSON(into: &out, line: "\n" + prefix, indent: indent)
        return out
    }

    private func writeJSON(into out: inout String) {
        switch self {
        case .nothing, .function: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .integer(let value): out += String(value)
        case .float(let value): out += Self.jsonNumber(value)
        case .string(let value): Self.writeJSON(string: value, into: &out)
        case .list(let values):
            out += "["
            for (index, value) in values.enumerated() {
                if index > 0 { out += "," }
                value.writeJSON(into: &out)
            }
            out += "]"
        case .map(let map):
            out += "{"
            for (index, entry) in map.entries.enumerated() where !entry.value.isFunction {
                if index > 0, !out.hasSuffix("{") { out += "," }
                Self.writeJSON(string: entry.key, into: &out)
                out += ":"
                entry.value.writeJSON(into: &out)
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
                Self.writeJSON(string: entry.key, into: &out)
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

    private static func jsonNumber(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let text = GoFloat.shortest(value, exponents: -6..<21)
        // encoding/json writes e-9 where strconv writes e-09.
        return text.replacing("e-0", with: "e-")
    }

    private static func writeJSON(string: String, into out: inout String) {
        out += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{8}": out += "\\b"
            case "\u{C}": out += "\\f"
            case "\u{2028}", "\u{2029}",
                _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
