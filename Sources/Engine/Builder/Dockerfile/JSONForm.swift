import TextForms

/// The exec form of an instruction: a JSON array of strings, and nothing else.
package enum JSONForm {
    /// The strings of `text`, nil when it is anything but an array of strings.
    package static func strings(of text: String) -> [String]? {
        guard let elements = document(text)?.elements else { return nil }
        let strings = elements.compactMap(\.string)
        return strings.count == elements.count ? strings : nil
    }

    /// The string under `key` of a document that is one object.
    static func member(_ key: String, of text: String) -> String? { document(text)?[key]?.string }

    /// Text that is not JSON is no error: the shell form begins with a bracket, too.
    private static func document(_ text: String) -> JSONValue? {
        try? JSONValue(parsing: Array(text.utf8))
    }
}
