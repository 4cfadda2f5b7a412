/// A JSON document in which members keep their order and numbers their digits, so that what is not
/// understood can be written back as it was.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A key of an object with its value, in the order of the text.
    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A member of an object, the last if it is there twice; setting nil removes it.
    package subscript(name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.last { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            if let newValue {
                if let index = members.lastIndex(where: { $0.name == name }) {
                    members[index].value = newValue
                } else {
                    members.append(Member(name: name, value: newValue))
                }
            } else {
                members.removeAll { $0.name == name }
            }
            self = .object(members)
        }
    }

    package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}

extension JSONValue {
    /// The document with tabs and line ends, as docker writes its configuration; no line end at
    /// the end.
    package func text(indentation: Int = 0) -> String {
        let inner = "\n" + String(repeating: "\t", count: indentation + 1)
        let outer = "\n" + String(repeating: "\t", count: indentation)
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let digits): return digits
        case .string(let text): return JSONString.quoted(text)
        case .array(let elements):
            guard !elements.isEmpty else { return "[]" }
            let lines = elements.map { inner + $0.text(indentation: indentation + 1) }
            return "[" + lines.joined(separator: ",") + outer + "]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { member in
                inner + JSONString.quoted(member.name) + ": "
                    + member.value.text(indentation: indentation + 1)
            }
            return "{" + lines.joined(separator: ",") + outer + "}"
        }
    }
}
