/// One pattern of a `.dockerignore` file or one source of COPY, matched against a whole path.
///
/// `*`, `?`, `[…]`, `\` within an element, `**` for any number of elements. The pattern becomes
/// the states of an automaton that reads the path once, so matching costs at most pattern times
/// path: no pattern makes it exponential.
package struct PathPattern: Equatable, Sendable {
    private enum State: Equatable {
        case scalar(Unicode.Scalar)
        /// One scalar but the slash.
        case one
        case oneOf([ClosedRange<UInt32>], negated: Bool)
        /// Any scalars but the slash: stays, and may be left at once.
        case element
        /// Anything: stays, and may be left at once.
        case everything
        /// May be left for the state after the next.
        case optional
        /// Anything up to a slash: stays, and is left by a slash.
        case upToSlash
    }

    private var states: [State] = []
    /// A pattern without wildcards is compared as text; nil when it has some.
    private(set) var exact: [Unicode.Scalar]?
    /// What stands behind the last wildcard: all that matches ends with it.
    private var trailing: [Unicode.Scalar] = []

    /// Takes a cleaned pattern: no `.`, `..` or empty elements, no slash at either end.
    package init(_ text: String) throws(PathPatternError) {
        var scanner = PatternScanner(text)
        try scanner.check()
        let literal = scanner.literalAfterStars
        while let scalar = scanner.next() {
            switch scalar {
            case "*" where scanner.take("*"):
                let hadSlash = scanner.take("/")
                if scanner.isAtEnd {
                    states.append(.everything)
                } else if states.isEmpty, !hadSlash, literal {
                    // `**name` with nothing special in it is any path that ends like that.
                    states.append(.everything)
                } else {
                    states += [.optional, .upToSlash]
                }
            case "*": states.append(.element)
            case "?": states.append(.one)
            case "[":
                states.append(
                    scanner.scalarClass().map { .oneOf($0.ranges, negated: $0.negated) } ?? .one
                )
            case "\\": states.append(.scalar(scanner.next() ?? "\\"))
            default: states.append(.scalar(scalar))
            }
        }
        let scalars = states.compactMap {
            if case .scalar(let scalar) = $0 { scalar } else { nil }
        }
        if scalars.count == states.count { exact = scalars }
        trailing = Self.literal(states.reversed()).reversed()
    }

    /// What a pattern says of one path.
    package struct Match: Equatable, Sendable {
        /// The path itself matches.
        package var path = false
        /// One of the directories above it does.
        package var parent = false
        /// Something beneath it could.
        package var beneath = false
    }

    /// Reads a cleaned path.
    package func match(_ path: [Unicode.Scalar]) -> Match {
        if let exact { return matchExactly(exact, path) }
        let count = states.count + 1
        // Two sets of states: the reachable ones, and those after the next scalar.
        return withUnsafeTemporaryAllocation(of: Bool.self, capacity: 2 * count) { memory in
            memory.initialize(repeating: false)
            var reachable = UnsafeMutableBufferPointer(rebasing: memory[..<count])
            var following = UnsafeMutableBufferPointer(rebasing: memory[count...])
            var result = Match()
            reachable[0] = true
            close(reachable)
            for scalar in path {
                if scalar == "/", reachable[states.count] { result.parent = true }
                guard step(reachable, over: scalar, to: following) else { return result }
                swap(&reachable, &following)
            }
            result.path = reachable[states.count]
            result.beneath = step(reachable, over: "/", to: following)
            return result
        }
    }

    private func matchExactly(_ exact: [Unicode.Scalar], _ path: [Unicode.Scalar]) -> Match {
        if path.count >= exact.count {
            guard path.starts(with: exact) else { return Match() }
            if path.count == exact.count { return Match(path: true) }
            return Match(parent: path[exact.count] == "/")
        }
        return Match(beneath: exact.starts(with: path) && exact[path.count] == "/")
    }

    /// Fills `following` with what is reached over one scalar; false when that is nothing.
    private func step(
        _ reachable: UnsafeMutableBufferPointer<Bool>,
        over scalar: Unicode.Scalar,
        to following: UnsafeMutableBufferPointer<Bool>
    ) -> Bool {
        following.update(repeating: false)
        var alive = false
        for index in states.indices where reachable[index] {
            switch states[index] {
            case .scalar(let expected): if scalar == expected { following[index + 1] = true }
            case .one: if scalar != "/" { following[index + 1] = true }
            case .oneOf(let ranges, let negated):
                let inside = ranges.contains { $0.contains(scalar.value) }
                if inside != negated, scalar != "/" { following[index + 1] = true }
            case .element: if scalar != "/" { following[index] = true }
            case .everything: following[index] = true
            case .upToSlash:
                following[index] = true
                if scalar == "/" { following[index + 1] = true }
            case .optional: continue
            }
            alive = alive || following[index] || following[index + 1]
        }
        if alive { close(following) }
        return alive
    }

    /// Adds what is reached without reading anything.
    private func close(_ reachable: UnsafeMutableBufferPointer<Bool>) {
        for index in states.indices where reachable[index] {
            switch states[index] {
            case .element, .everything: reachable[index + 1] = true
            case .optional:
                reachable[index + 1] = true
                reachable[index + 2] = true
            default: continue
            }
        }
    }

    /// The ordinary scalars at the beginning of states.
    private static func literal(_ states: some Sequence<State>) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        for state in states {
            guard case .scalar(let scalar) = state else { break }
            scalars.append(scalar)
        }
        return scalars
    }
}

/// What can be said of the paths that a pattern matches, without trying it.
extension PathPattern {
    /// What one scalar of a path costs at most.
    var cost: Int { states.count }

    /// The folders that all of them lie in, where wildcards follow behind their names.
    var leadingFolder: [Unicode.Scalar]? {
        let leading = Self.literal(states)
        return leading.lastIndex(of: "/").map { Array(leading[..<$0]) }
    }

    /// The last element of each, where it is a name.
    var lastName: [Unicode.Scalar]? {
        if let slash = trailing.lastIndex(of: "/") { return Array(trailing[(slash + 1)...]) }
        guard !trailing.isEmpty, trailing.count < states.count,
            states[states.count - trailing.count - 1] == .upToSlash
        else { return nil }
        return trailing
    }

    /// The pattern begins with `**`: there may be some in every folder.
    var mayBeAnywhere: Bool { [.everything, .optional].contains(states.first) }

    /// Whether a path, or a folder above it, ends as the pattern does.
    func mayEnd(in path: MatchedPath) -> Bool {
        path.ends.contains { end in
            guard end >= trailing.count else { return false }
            var position = end
            for scalar in trailing.reversed() {
                position -= 1
                if path.scalars[position] != scalar { return false }
            }
            return true
        }
    }
}

/// A pattern that cannot be read.
package struct PathPatternError: Error, Equatable, CustomStringConvertible {
    package var description: String
    /// Its line in the file, counted from 1.
    package var line: Int?

    init(_ description: String, line: Int? = nil) {
        self.description = description
        self.line = line
    }
}

/// Reads the characters of a pattern.
private struct PatternScanner {
    private let text: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    var isAtEnd: Bool { position == text.count }

    /// The pattern is `**` and then only ordinary characters.
    var literalAfterStars: Bool {
        text.starts(with: ["*", "*"])
            && !text.dropFirst(2).contains { "*?[]\\".unicodeScalars.contains($0) }
    }

    mutating func next() -> Unicode.Scalar? {
        guard position < text.count else { return nil }
        position += 1
        return text[position - 1]
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == scalar else { return false }
        position += 1
        return true
    }

    /// Throws when a class is not closed or an escape escapes nothing.
    func check() throws(PathPatternError) {
        var scanner = self
        while let scalar = scanner.next() {
            let malformed =
                switch scalar {
                case "\\": scanner.next() == nil
                case "[": scanner.scalarClass() == nil
                default: false
                }
            if malformed { throw PathPatternError("syntax error in pattern") }
        }
    }

    /// What stands between brackets; nil when it is malformed.
    mutating func scalarClass() -> (ranges: [ClosedRange<UInt32>], negated: Bool)? {
        let negated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            if !ranges.isEmpty, take("]") { return (ranges, negated) }
            guard let low = member() else { return nil }
            var high = low
            if take("-") {
                guard let end = member() else { return nil }
                high = end
            }
            // A range that runs backwards holds nothing; the class still has to be read.
            ranges.append(low.value <= high.value ? low.value...high.value : 0x11_0000...0x11_0000)
        }
    }

    private mutating func member() -> Unicode.Scalar? {
        guard let scalar = next(), scalar != "-", scalar != "]" else { return nil }
        return scalar == "\\" ? next() : scalar
    }
}
