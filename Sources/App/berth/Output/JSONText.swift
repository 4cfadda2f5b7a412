import TextForms

/// JSON of flat rows, members in the order given, as docker prints it.
enum JSONText {
    static func object(_ members: [(name: String, value: String)]) -> String {
        let members = members.map { "\(string($0.name)):\(string($0.value))" }
        return "{" + members.joined(separator: ",") + "}"
    }

    static func string(_ text: String) -> String { JSONString.quoted(text, escapesInvisible: true) }
}
