extension Problem {
    /// What kind of thing is wrong: by which phase of the load found it. The raw values are part
    /// of what `config --format json` prints on standard error, and stay.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A file that cannot be read, or which files and which name make the project.
        case file
        /// Text that is no YAML, or none that a compose file may have.
        case syntax
        /// A line of an env file, or a variable without a value.
        case environment
        /// A template: `${NAME…}`.
        case interpolation
        /// A value that its attribute does not take, a key that nothing knows.
        case form
        /// `include`, `extends`, several files that do not join.
        case combination
        /// What is missing, or contradicts something else.
        case rule
        /// The name of a service, network, volume, … that nothing declares.
        case reference
        /// Right, but not carried out by this engine.
        case unsupported
        /// A registry that does not say what an image's digest is.
        case registry
    }

    /// Column behind the word that the problem is about, counted from 1; nil where the line does
    /// not tell. Words are read as YAML has them: a quoted one ends at its quote, others at
    /// `: `, a comment, or the end of the line, within brackets at a comma or bracket too.
    package var endColumn: Int? {
        guard let sourceLine, position.column > 0 else { return nil }
        let line = Array(sourceLine)
        let start = position.column - 1
        guard start < line.count, line[start] != " " else { return nil }
        let end = Self.endOfWord(line, from: start)
        return end > start ? end + 1 : nil
    }

    private static func endOfWord(_ line: [Character], from start: Int) -> Int {
        let quote = line[start]
        if quote == "\"" || quote == "'" {
            var index = start + 1
            while index < line.count {
                if line[index] == "\\", quote == "\"" {
                    index += 1
                } else if line[index] == quote {
                    return index + 1
                }
                index += 1
            }
            return line.count
        }
        if "[{".contains(quote) { return start + 1 }
        let isFlow = isInsideBrackets(line[..<start])
        var end = start
        while end < line.count {
            let next = end + 1 < line.count ? line[end + 1] : " "
            if line[end] == ":", next == " " { break }
            if line[end] == "#", end > start, line[end - 1] == " " { break }
            if isFlow, ",]}".contains(line[end]) { break }
            end += 1
        }
        while end > start, line[end - 1] == " " || line[end - 1] == "\t" { end -= 1 }
        return end
    }

    /// Whether a bracket of a flow collection is still open, quotes not looked at.
    private static func isInsideBrackets(_ text: ArraySlice<Character>) -> Bool {
        var depth = 0
        for character in text {
            if "[{".contains(character) { depth += 1 }
            if "]}".contains(character) { depth -= 1 }
        }
        return depth > 0
    }
}
