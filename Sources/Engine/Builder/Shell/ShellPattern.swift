/// A wildcard pattern of `${name#pattern}` and its kin: `*`, `?`, and `\` before one of them.
///
/// Matching keeps the set of reachable places in the pattern, so its cost is the product of the
/// two lengths, whatever the pattern.
struct ShellPattern: Equatable {
    enum Token: Equatable {
        case any
        case one
        case literal(Unicode.Scalar)
    }

    private(set) var tokens: [Token] = []

    init(tokens: [Token]) { self.tokens = tokens }

    init(_ text: String) throws(ShellExpansionError) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": tokens.append(.any)
            case "?": tokens.append(.one)
            case "\\":
                let escaped = rest.popFirst()
                // `}` and `/` are escaped because of the braces around, not for the pattern.
                guard let escaped, "*?\\}/".unicodeScalars.contains(escaped) else {
                    let shown = escaped.map(String.init) ?? ""
                    throw ShellExpansionError(
                        "invalid pattern (\(text)) in substitution: invalid escape '\\\(shown)'"
                    )
                }
                tokens.append(.literal(escaped))
            default: tokens.append(.literal(scalar))
            }
        }
    }

    func trimmingPrefix(of value: String, greedy: Bool) -> String {
        let scalars = Array(value.unicodeScalars)
        guard let length = match(scalars, from: 0, greedy: greedy).length else { return value }
        return Self.text(scalars[length...])
    }

    func trimmingSuffix(of value: String, greedy: Bool) -> String {
        let reversed = ShellPattern(tokens: tokens.reversed())
        let scalars = Array(value.unicodeScalars)
        let match = reversed.match(Array(scalars.reversed()), from: 0, greedy: greedy)
        guard let length = match.length else { return value }
        return Self.text(scalars[..<(scalars.count - length)])
    }

    func replacing(in value: String, with replacement: String, all: Bool) -> String {
        // An empty pattern matches everywhere and means nothing.
        guard !tokens.isEmpty else { return value }
        let scalars = Array(value.unicodeScalars)
        var result = String.UnicodeScalarView()
        var place = 0
        while place < scalars.count {
            let match = match(scalars, from: place, greedy: true)
            guard let length = match.length else {
                // What `*` could not reach from here it cannot reach from further on.
                if tokens.first == .any, match.reachedEnd { break }
                result.append(scalars[place])
                place += 1
                continue
            }
            result.append(contentsOf: replacement.unicodeScalars)
            place += length
            if !all { break }
            if length == 0 {
                result.append(scalars[place])
                place += 1
            }
        }
        result.append(contentsOf: scalars[place...])
        return String(result)
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The shortest or longest match that begins at `start`.
    private func match(
        _ scalars: [Unicode.Scalar],
        from start: Int,
        greedy: Bool
    ) -> (length: Int?, reachedEnd: Bool) {
        var reachable = [Bool](repeating: false, count: tokens.count + 1)
        reachable[0] = true
        close(&reachable)
        var length: Int? = reachable[tokens.count] ? 0 : nil
        if length != nil && !greedy { return (length, false) }
        for place in start..<scalars.count {
            var following = [Bool](repeating: false, count: tokens.count + 1)
            var alive = false
            for (index, token) in tokens.enumerated() where reachable[index] {
                switch token {
                case .any: following[index] = true
                case .one: following[index + 1] = true
                case .literal(let scalar): following[index + 1] = scalar == scalars[place]
                }
                alive = alive || following[index] || following[index + 1]
            }
            guard alive else { return (length, false) }
            close(&following)
            reachable = following
            if reachable[tokens.count] {
                length = place + 1 - start
                if !greedy { return (length, false) }
            }
        }
        return (length, true)
    }

    /// `*` may match nothing.
    private func close(_ reachable: inout [Bool]) {
        for (index, token) in tokens.enumerated() where reachable[index] && token == .any {
            reachable[index + 1] = true
        }
    }
}
