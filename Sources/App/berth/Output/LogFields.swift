import TextForms

/// Members of log lines that are JSON objects, for `logs --fields`.
enum LogFields {
    /// The members' values with a blank between them, `-` for one that is not there; nil for a line
    /// that is no JSON object. `http.status` is a member of a member, unless one is called so.
    static func of(_ line: ArraySlice<UInt8>, _ names: [String]) -> String? {
        let start = line.drop { $0 == 0x20 || $0 == 0x09 }
        guard start.first == UInt8(ascii: "{") else { return nil }
        // `try?`: what is no JSON is shown as it is.
        guard let document = try? JSONValue(parsing: Array(start)) else { return nil }
        return names.map { name in
            guard let value = member(name, of: document) else { return "-" }
            // A line end in a text must not begin a line that looks like another one.
            return VisibleText.escaped(value.string ?? flat(value))
        }
        .joined(separator: " ")
    }

    private static func member(_ name: String, of document: JSONValue) -> JSONValue? {
        if let value = document[name] { return value }
        guard let dot = name.firstIndex(of: ".") else { return nil }
        return document[String(name[..<dot])].flatMap {
            member(String(name[name.index(after: dot)...]), of: $0)
        }
    }

    /// On one line.
    private static func flat(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements): "[" + elements.map(flat).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { JSONString.quoted($0.name) + ":" + flat($0.value) }
                .joined(separator: ",") + "}"
        default: value.text()
        }
    }
}
