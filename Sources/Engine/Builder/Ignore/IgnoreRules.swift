/// The rules of a `.dockerignore` file: which paths of a context a build does not see.
package struct IgnoreRules: Equatable, Sendable {
    private struct Rule: Equatable {
        var pattern: PathPattern
        /// The rule begins with `!`: it takes in again what an earlier one left out.
        var includes: Bool
    }

    private var rules: [Rule] = []

    /// No rules: everything is seen.
    package init() {}

    /// Reads a file; a pattern that is malformed is thrown with the pattern named.
    package init(parsing text: String) throws(PathPatternError) {
        try self.init(patterns: Self.patterns(of: text))
    }

    /// Takes patterns in order, `!` in front of those that include.
    package init(patterns: [String]) throws(PathPatternError) {
        for written in patterns {
            var text = PathText.clean(written.trimmingBlanks())
            let includes = text.hasPrefix("!")
            if includes { text = String(text.dropFirst()) }
            if text.isEmpty, includes {
                throw PathPatternError("illegal exclusion pattern: \"!\"")
            }
            if text.isEmpty || text == "." { continue }
            do {
                rules.append(Rule(pattern: try PathPattern(text), includes: includes))
            } catch {
                throw PathPatternError("\(error): \(written)")
            }
        }
    }

    package var isEmpty: Bool { rules.isEmpty }

    /// The patterns of a file, cleaned, comments and blank lines gone.
    package static func patterns(of text: String) -> [String] {
        var bytes = Substring(text).utf8
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        return bytes.split(separator: ASCII.newline).compactMap { line in
            // Only a `#` in the first column makes a comment.
            if line.first == ASCII.hash { return nil }
            var pattern = String(decoding: line, as: UTF8.self).trimmingBlanks()
            if pattern.isEmpty { return nil }
            let includes = pattern.hasPrefix("!")
            if includes { pattern = pattern.dropFirst().trimmingBlanks() }
            if !pattern.isEmpty { pattern = PathText.clean(pattern) }
            if pattern.hasPrefix("/"), pattern.utf8.count > 1 { pattern.removeFirst() }
            return includes ? "!" + pattern : pattern
        }
    }

    /// What the rules say of one path.
    package struct Verdict: Equatable, Sendable {
        /// The build does not see it.
        package var excluded: Bool
        /// A directory that is excluded must still be walked: something in it may be included.
        package var mayIncludeBeneath: Bool
    }

    /// Judges a path relative to the context's root. The last rule that matches wins, and a rule
    /// that matches a directory matches everything in it.
    package func judge(_ path: String) -> Verdict {
        let scalars = Array(PathText.clean(path).unicodeScalars)
        var verdict = Verdict(excluded: false, mayIncludeBeneath: false)
        for rule in rules {
            // A rule that would change nothing need not be asked.
            if !rule.includes, verdict.excluded { continue }
            let match = rule.pattern.match(scalars)
            if rule.includes, match.beneath { verdict.mayIncludeBeneath = true }
            if match.path || match.parent { verdict.excluded = !rule.includes }
        }
        return verdict
    }
}

/// Paths as text: what Go's `filepath.Clean` does to them.
package enum PathText {
    /// Without empty and `.` elements, `..` resolved; `.` when nothing is left.
    package static func clean(_ path: String) -> String {
        let rooted = path.utf8.first == ASCII.slash
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if let last = parts.last, last != ".." {
                parts.removeLast()
            } else if !rooted {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if rooted { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }

    /// `path`, taken from `directory` unless it is absolute.
    package static func absolute(_ path: String, in directory: String) -> String {
        clean(path.utf8.first == ASCII.slash ? path : directory + "/" + path)
    }
}
