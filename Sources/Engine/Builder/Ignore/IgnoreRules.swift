import TextForms

/// The rules of a `.dockerignore` file: which paths of a context a build does not see.
package struct IgnoreRules: Equatable, Sendable {
    private var index = IgnoreIndex()
    /// Some rule takes in again what an earlier one leaves out.
    package private(set) var hasInclusions = false
    /// Some rule leaves out all that there is.
    package private(set) var excludesEverything = false
    /// No file written by hand has more.
    private static let maximumCount = 500_000

    /// No rules: everything is seen.
    package init() {}

    /// Reads a file; a pattern that is malformed, or one too many, is thrown with its line.
    package init(parsing text: String) throws(PathPatternError) {
        try self.init(Self.numberedPatterns(of: text))
    }

    /// Takes patterns in order, `!` in front of those that include.
    package init(patterns: [String]) throws(PathPatternError) {
        try self.init(patterns.map { (nil, $0) })
    }

    private init(_ patterns: [(line: Int?, text: String)]) throws(PathPatternError) {
        var rules: [(line: Int?, written: String, text: String, includes: Bool)] = []
        // Of a pattern that is written twice the last one counts.
        var last: [[UInt8]: Int] = [:]
        for (line, written) in patterns {
            let whole = PathText.clean(written.trimmingBlanks())
            let includes = whole.hasPrefix("!")
            let text = includes ? String(whole.dropFirst()) : whole
            if text.isEmpty, includes {
                throw PathPatternError("illegal exclusion pattern: \"!\"", line: line)
            }
            if text.isEmpty || text == "." { continue }
            guard rules.count < Self.maximumCount else {
                throw PathPatternError("more than \(Self.maximumCount) patterns", line: line)
            }
            last[Array(whole.utf8)] = rules.count
            rules.append((line, written, text, includes))
            if includes {
                hasInclusions = true
            } else if text == "*" || text == "**" {
                excludesEverything = true
            }
        }
        for (number, rule) in rules.enumerated() {
            let whole = Array((rule.includes ? "!" : "").utf8) + Array(rule.text.utf8)
            let pattern: PathPattern
            do {
                pattern = try PathPattern(rule.text)
            } catch {
                throw PathPatternError(
                    "\(error): \(VisibleText.shortened(rule.written))",
                    line: rule.line
                )
            }
            guard last[whole] == number else { continue }
            guard index.add(pattern, number: number, includes: rule.includes) else {
                let shown = VisibleText.shortened(rule.written)
                throw PathPatternError(
                    pattern.cost > IgnoreIndex.maximumCost
                        ? "too many wildcards in one pattern: \(shown)"
                        : "too many patterns with wildcards that have to be tried for the same "
                            + "paths: \(shown); let them begin with names of folders, or leave out "
                            + "whole folders",
                    line: rule.line
                )
            }
        }
        index.finish()
    }

    package var isEmpty: Bool { index.isEmpty }

    /// The patterns of a file, cleaned, comments and blank lines gone.
    package static func patterns(of text: String) -> [String] {
        numberedPatterns(of: text).map(\.text)
    }

    /// The same with the lines they stand in, counted from 1.
    private static func numberedPatterns(of text: String) -> [(line: Int?, text: String)] {
        var bytes = Substring(text).utf8
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        let lines = bytes.split(separator: ASCII.newline, omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { number, line in
            // Only a `#` in the first column makes a comment.
            if line.first == ASCII.hash { return nil }
            var pattern = String(decoding: line, as: UTF8.self).trimmingBlanks()
            if pattern.isEmpty { return nil }
            let includes = pattern.hasPrefix("!")
            if includes { pattern = pattern.dropFirst().trimmingBlanks() }
            if !pattern.isEmpty { pattern = PathText.clean(pattern) }
            if pattern.hasPrefix("/"), pattern.utf8.count > 1 { pattern.removeFirst() }
            return (number + 1, includes ? "!" + pattern : pattern)
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
    package func judge(_ path: String) -> Verdict { index.judge(PathText.clean(path)) }
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
