/// Expands `$name` and `${name…}` in the words of a Dockerfile, and splits them at blanks.
///
/// Follows reference "Dockerfile: environment replacement" and, where that is silent, BuildKit:
/// single quotes are literal, double quotes expand, the escape character removes itself.
package struct ShellExpansion: Sendable {
    /// `\`, or what the `escape` directive says.
    package var escape: Unicode.Scalar = "\\"
    /// Quotes stay in the result.
    package var keepsQuotes = false
    /// Escape characters outside of quotes stay in the result.
    package var keepsEscapes = false
    /// Quotes are ordinary characters, as in the body of a here-document.
    package var ignoresQuotes = false
    /// A name without a value stays as it was written.
    package var keepsUnset = false

    /// A nest of `${a:-${b:-…}}` deeper than this is refused: each level is a frame of the stack.
    static let maximumDepth = 64
    /// Longest result; `ENV A=$A$A` doubles with every line.
    static let maximumLength = 1 << 20

    package init(escape: Unicode.Scalar = "\\") { self.escape = escape }

    /// What one expansion gives.
    package struct Result: Equatable, Sendable {
        /// The text as one word.
        package var word: String
        /// The text split at the blanks that are neither quoted nor escaped.
        package var words: [String]
        /// Names that had a value.
        package var found: Set<String> = []
        /// Names that had none.
        package var missing: Set<String> = []
    }

    /// Expands `text`; `value` gives a variable's value, nil when it is unset.
    package func expand(
        _ text: String,
        _ value: (String) -> String?
    ) throws(ShellExpansionError) -> Result {
        try withoutActuallyEscaping(value) { value throws(ShellExpansionError) in
            var run = ExpansionRun(settings: self, text: Array(text.unicodeScalars), value: value)
            let (word, words) = try run.text(until: nil, rawEscapes: keepsEscapes, depth: 0)
            return Result(word: word, words: words, found: run.found, missing: run.missing)
        }
    }
}

/// Why a word cannot be expanded.
package struct ShellExpansionError: Error, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}

/// One pass over one text.
private struct ExpansionRun {
    let settings: ShellExpansion
    let text: [Unicode.Scalar]
    let value: (String) -> String?
    var position = 0
    var length = 0
    var found: Set<String> = []
    var missing: Set<String> = []

    init(settings: ShellExpansion, text: [Unicode.Scalar], value: @escaping (String) -> String?) {
        self.settings = settings
        self.text = text
        self.value = value
    }

    private var peek: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard position < text.count else { return nil }
        position += 1
        return text[position - 1]
    }

    private mutating func look(up name: String) -> String? {
        guard let value = value(name) else {
            missing.insert(name)
            return nil
        }
        found.insert(name)
        return value
    }

    /// Reads up to `stop` (nil: the end), which is consumed.
    mutating func text(
        until stop: Unicode.Scalar?,
        rawEscapes: Bool,
        depth: Int
    ) throws(ShellExpansionError) -> (String, [String]) {
        guard depth <= ShellExpansion.maximumDepth else {
            throw ShellExpansionError("substitutions are nested too deeply")
        }
        var result = String.UnicodeScalarView()
        var words = WordSplitter()
        while let scalar = peek {
            if scalar == stop {
                position += 1
                return (String(result), words.finish())
            }
            switch scalar {
            case "$":
                let piece = try dollar(rawEscapes: rawEscapes, depth: depth)
                try count(piece)
                result.append(contentsOf: piece.unicodeScalars)
                words.addSplitting(piece)
            case "'" where !settings.ignoresQuotes:
                let piece = try singleQuoted()
                result.append(contentsOf: piece.unicodeScalars)
                words.addWhole(piece)
            case "\"" where !settings.ignoresQuotes:
                let piece = try doubleQuoted(rawEscapes: rawEscapes, depth: depth)
                result.append(contentsOf: piece.unicodeScalars)
                words.addWhole(piece)
            case settings.escape:
                position += 1
                if rawEscapes {
                    words.add(scalar)
                    result.append(scalar)
                }
                guard let escaped = next() else { continue }
                words.add(escaped)
                result.append(escaped)
            default:
                position += 1
                words.addSplitting(scalar)
                result.append(scalar)
            }
        }
        if let stop {
            throw ShellExpansionError(
                "unexpected end of statement while looking for matching \(stop)"
            )
        }
        return (String(result), words.finish())
    }

    private mutating func count(_ piece: String) throws(ShellExpansionError) {
        length += piece.utf8.count
        guard length <= ShellExpansion.maximumLength else {
            throw ShellExpansionError(
                "the value grows beyond \(ShellExpansion.maximumLength) bytes"
            )
        }
    }

    private mutating func singleQuoted() throws(ShellExpansionError) -> String {
        var result = String.UnicodeScalarView()
        position += 1
        if settings.keepsQuotes { result.append("'") }
        while let scalar = next() {
            guard scalar == "'" else {
                result.append(scalar)
                continue
            }
            if settings.keepsQuotes { result.append("'") }
            return String(result)
        }
        throw ShellExpansionError(
            "unexpected end of statement while looking for matching single-quote"
        )
    }

    private mutating func doubleQuoted(
        rawEscapes: Bool,
        depth: Int
    ) throws(ShellExpansionError) -> String {
        var result = String.UnicodeScalarView()
        position += 1
        if settings.keepsQuotes { result.append("\"") }
        while let scalar = peek {
            if scalar == "$" {
                let piece = try dollar(rawEscapes: rawEscapes, depth: depth)
                try count(piece)
                result.append(contentsOf: piece.unicodeScalars)
                continue
            }
            position += 1
            if scalar == "\"" {
                if settings.keepsQuotes { result.append("\"") }
                return String(result)
            }
            guard scalar == settings.escape else {
                result.append(scalar)
                continue
            }
            if rawEscapes { result.append(scalar) }
            guard let escaped = peek else { continue }
            // Only these can be escaped between double quotes; other pairs keep both characters.
            if escaped == "\"" || escaped == "$" || escaped == settings.escape {
                position += 1
                result.append(escaped)
            } else {
                result.append(scalar)
            }
        }
        throw ShellExpansionError(
            "unexpected end of statement while looking for matching double-quote"
        )
    }

    private mutating func dollar(
        rawEscapes: Bool,
        depth: Int
    ) throws(ShellExpansionError) -> String {
        position += 1
        guard peek == "{" else {
            let name = name()
            if name.isEmpty { return "$" }
            return look(up: name) ?? (settings.keepsUnset ? "$" + name : "")
        }
        position += 1
        guard let first = peek else { throw ShellExpansionError("syntax error: missing '}'") }
        if first == "{" || first == "}" || first == ":" {
            throw ShellExpansionError("syntax error: bad substitution")
        }
        let name = name()
        guard let modifier = next() else {
            throw ShellExpansionError("syntax error: missing '}'")
        }
        switch modifier {
        case "}":
            if name.isEmpty { throw ShellExpansionError("syntax error: bad substitution") }
            return look(up: name) ?? (settings.keepsUnset ? "${\(name)}" : "")
        case ":":
            guard let second = next() else {
                throw ShellExpansionError("syntax error: missing '}'")
            }
            guard second == "-" || second == "+" || second == "?" else {
                throw ShellExpansionError("unsupported modifier (:\(second)) in substitution")
            }
            return try conditional(name, second, emptyIsUnset: true, depth: depth)
        case "-", "+", "?":
            return try conditional(name, modifier, emptyIsUnset: false, depth: depth)
        case "#", "%":
            return try trimmed(name, modifier, depth: depth)
        case "/":
            return try replaced(name, depth: depth)
        default:
            throw ShellExpansionError("unsupported modifier (\(modifier)) in substitution")
        }
    }

    /// `text` up to a closing brace, with the end of the text named as what is missing.
    private mutating func operand(
        until stop: Unicode.Scalar,
        rawEscapes: Bool,
        depth: Int,
        missing: String
    ) throws(ShellExpansionError) -> String {
        do {
            return try text(until: stop, rawEscapes: rawEscapes, depth: depth + 1).0
        } catch {
            throw peek == nil && !error.description.hasSuffix("deeply")
                ? ShellExpansionError("syntax error: missing \(missing)") : error
        }
    }

    private mutating func conditional(
        _ name: String,
        _ modifier: Unicode.Scalar,
        emptyIsUnset: Bool,
        depth: Int
    ) throws(ShellExpansionError) -> String {
        let word = try operand(until: "}", rawEscapes: false, depth: depth, missing: "'}'")
        let current = look(up: name)
        if current == nil, settings.keepsUnset {
            return "${\(name)\(emptyIsUnset ? ":" : "")\(modifier)\(word)}"
        }
        let usable = current.flatMap { emptyIsUnset && $0.isEmpty ? nil : $0 }
        switch modifier {
        case "-": return usable ?? word
        case "+": return usable == nil ? "" : word
        default:
            if let usable { return usable }
            let reason =
                current == nil ? "is not allowed to be unset" : "is not allowed to be empty"
            throw ShellExpansionError("\(name): \(word.isEmpty ? reason : word)")
        }
    }

    private mutating func trimmed(
        _ name: String,
        _ modifier: Unicode.Scalar,
        depth: Int
    ) throws(ShellExpansionError) -> String {
        var word = try operand(until: "}", rawEscapes: true, depth: depth, missing: "'}'")
        guard let current = look(up: name) else {
            return settings.keepsUnset ? "${\(name)\(modifier)\(word)}" : ""
        }
        let greedy = word.unicodeScalars.first == modifier
        if greedy { word.unicodeScalars.removeFirst() }
        let pattern = try ShellPattern(word)
        return modifier == "#"
            ? pattern.trimmingPrefix(of: current, greedy: greedy)
            : pattern.trimmingSuffix(of: current, greedy: greedy)
    }

    private mutating func replaced(
        _ name: String,
        depth: Int
    ) throws(ShellExpansionError) -> String {
        let all = peek == "/"
        if all { position += 1 }
        let pattern = try operand(
            until: "/",
            rawEscapes: true,
            depth: depth,
            missing: "'/' in ${}"
        )
        let replacement = try operand(
            until: "}",
            rawEscapes: true,
            depth: depth,
            missing: "'}'"
        )
        guard let current = look(up: name) else {
            return settings.keepsUnset ? "${\(name)/\(pattern)/\(replacement)}" : ""
        }
        return try ShellPattern(pattern).replacing(in: current, with: replacement, all: all)
    }

    /// A name, a positional number, or one special parameter (which never has a value).
    private mutating func name() -> String {
        guard let first = peek else { return "" }
        var result = String.UnicodeScalarView()
        if Self.isDigit(first) {
            while let scalar = peek, Self.isDigit(scalar) {
                result.append(scalar)
                position += 1
            }
            return String(result)
        }
        if "@*#?-$!".unicodeScalars.contains(first) {
            position += 1
            return String(first)
        }
        while let scalar = peek,
            scalar == "_" || Self.isDigit(scalar) || scalar.properties.isAlphabetic
        {
            result.append(scalar)
            position += 1
        }
        return String(result)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }
}

/// Collects the words of a text while it is expanded.
private struct WordSplitter {
    private var word = String.UnicodeScalarView()
    private var words: [String] = []

    mutating func addSplitting(_ scalar: Unicode.Scalar) {
        guard scalar.properties.isWhitespace else { return word.append(scalar) }
        close()
    }

    mutating func addSplitting(_ text: String) {
        for scalar in text.unicodeScalars { addSplitting(scalar) }
    }

    mutating func add(_ scalar: Unicode.Scalar) { word.append(scalar) }
    mutating func addWhole(_ text: String) { word.append(contentsOf: text.unicodeScalars) }

    mutating func finish() -> [String] {
        close()
        return words
    }

    private mutating func close() {
        if !word.isEmpty { words.append(String(word)) }
        word.removeAll()
    }
}
