/// The parser directives at the top of a Dockerfile: `# name=value`.
package struct Directives: Equatable, Sendable {
    /// One directive.
    package struct Value: Equatable, Sendable {
        /// Without the remark after ` // `; for `syntax` the image reference alone.
        package var value: String
        /// As written.
        package var full: String
        /// Counted from 1.
        package var line: Int
    }

    package var syntax: Value?
    package var check: Value?
    package var escape: Unicode.Scalar = "\\"
    /// Lines that were directives.
    package var lines: Range<Int> = 1..<1

    /// Reads the directives of `text`; those that are wrong are thrown with their line.
    package init(of text: String, file: String) throws(DockerfileError) {
        var seen: Set<String> = []
        var problems: [DockerfileError.Problem] = []
        let all = LineReader.physicalLines(of: text)
        for (index, line) in all.prefix(64).enumerated() {
            if index == 0, line.hasPrefix("#!") { continue }
            guard let (name, value) = Self.directive(in: line, mark: "#"),
                ["syntax", "escape", "check"].contains(name)
            else { break }
            lines = 1..<(index + 2)
            guard seen.insert(name).inserted else {
                problems.append(
                    .init(
                        line: index + 1,
                        message: "only one \(name) parser directive can be used"
                    )
                )
                continue
            }
            switch name {
            case "syntax": syntax = Self.syntax(value, line: index + 1)
            case "check":
                check = Value(value: Self.withoutRemark(value), full: value, line: index + 1)
            default:
                if value == "\\" || value == "`" {
                    escape = value == "`" ? "`" : "\\"
                } else {
                    problems.append(
                        .init(
                            line: index + 1,
                            message: "invalid escape token '\(value)' does not match \\ or `"
                        )
                    )
                }
            }
        }
        if syntax == nil { syntax = Self.foreignSyntax(of: all, text: text) }
        if !problems.isEmpty { throw DockerfileError(file: file, problems: problems) }
    }

    private static func syntax(_ value: String, line: Int) -> Value {
        Value(value: value.splitAtBlanks(limit: 2).first ?? value, full: value, line: line)
    }

    static func withoutRemark(_ value: String) -> String {
        var words: [String] = []
        for word in value.splitAtBlanks() {
            if word == "//" { break }
            words.append(word)
        }
        return words.joined(separator: " ")
    }

    /// `syntax` of a file that is not a Dockerfile: after `//`, or in a JSON document.
    private static func foreignSyntax(of lines: [Substring], text: String) -> Value? {
        for (index, line) in lines.prefix(64).enumerated() {
            if index == 0, line.hasPrefix("#!") { continue }
            guard let (name, value) = directive(in: line, mark: "//") else { break }
            if name == "syntax" { return syntax(value, line: index + 1) }
        }
        guard text.utf8.count <= 1 << 16, let value = JSONForm.member("syntax", of: text) else {
            return nil
        }
        return syntax(value, line: 1)
    }

    /// Name in lower case, and value, of a line `<mark> name = value`.
    private static func directive(in line: Substring, mark: String) -> (String, String)? {
        let line = line.trimmingBlanks()
        guard line.hasPrefix(mark), let equals = line.firstIndex(of: "=") else { return nil }
        let name = line[..<equals].dropFirst(mark.count).trimmingBlanks().lowercased()
        let value = line[line.index(after: equals)...].trimmingBlanks()
        guard let first = name.utf8.first, ASCII.isLetter(first), !value.isEmpty,
            name.utf8.allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) })
        else { return nil }
        return (name, value)
    }
}
