/// The rules of a `.dockerignore`, ordered so that a path meets only those that may say something
/// about it: what a path costs depends little on how many rules there are.
///
/// - A pattern without wildcards is looked up, by the path and by each folder above it.
/// - One that begins with names of folders is tried for paths beneath those.
/// - One that ends with a name is tried for paths that have an element of that name.
/// - What remains is tried for every path.
struct IgnoreIndex: Equatable, Sendable {
    private struct Rule: Equatable, Sendable {
        var pattern: PathPattern
        var number: Int
        /// The rule begins with `!`: it takes in again what an earlier one left out.
        var includes: Bool
    }

    private struct Exact: Equatable, Sendable {
        var number: Int
        var includes: Bool
    }

    private typealias Text = [Unicode.Scalar]

    /// States that a path may be tried against: about a thousand patterns.
    static let maximumCost = 10_000

    /// Rules that are tried for the same paths.
    private struct Group: Equatable, Sendable {
        var rules: [Rule] = []
        var cost = 0

        mutating func add(_ rule: Rule) -> Bool {
            cost += rule.pattern.cost
            guard cost <= IgnoreIndex.maximumCost else { return false }
            rules.append(rule)
            return true
        }
    }

    /// The rules without wildcards.
    private var exact: [Text: Exact] = [:]
    private var byFolder: [Text: Group] = [:]
    private var byLastName: [Text: Group] = [:]
    private var others = Group()
    /// What rules that include begin with, sorted: paths above are walked.
    private var included: [Text] = []
    /// Some rule includes something beneath every folder.
    private var includesAnywhere = false
    private(set) var isEmpty = true

    /// Adds a rule; later ones have higher numbers. False when too many would be tried for the same
    /// paths.
    mutating func add(_ pattern: PathPattern, number: Int, includes: Bool) -> Bool {
        isEmpty = false
        let rule = Rule(pattern: pattern, number: number, includes: includes)
        if let text = pattern.exact {
            if includes { included.append(text) }
            if exact[text].map({ $0.number < number }) ?? true {
                exact[text] = Exact(number: number, includes: includes)
            }
            return true
        }
        if let folder = pattern.leadingFolder {
            if includes { included.append(folder + ["/"]) }
            return byFolder[folder, default: Group()].add(rule)
        }
        if includes, pattern.mayBeAnywhere { includesAnywhere = true }
        if !includes || pattern.mayBeAnywhere, let name = pattern.lastName {
            return byLastName[name, default: Group()].add(rule)
        }
        return others.add(rule)
    }

    /// To be called after the last rule.
    mutating func finish() {
        included.sort { $0.lexicographicallyPrecedes($1) }
    }

    /// Judges a cleaned path.
    func judge(_ path: String) -> IgnoreRules.Verdict {
        let path = MatchedPath(path)
        var judgement = Judgement(beneath: includesAnywhere || isAboveIncluded(path.scalars))
        var start = 0
        for (position, end) in path.ends.enumerated() {
            let prefix = Array(path.scalars[..<end])
            if let rule = exact[prefix] { judgement.take(rule.number, includes: rule.includes) }
            // Only what lies beneath the folder.
            if position + 1 < path.ends.count, let group = byFolder[prefix] {
                judgement.ask(group.rules, of: path)
            }
            if !byLastName.isEmpty, let group = byLastName[Array(path.scalars[start..<end])] {
                judgement.ask(group.rules, of: path)
            }
            start = end + 1
        }
        judgement.ask(others.rules, of: path)
        return IgnoreRules.Verdict(
            excluded: judgement.excluded,
            mayIncludeBeneath: judgement.beneath
        )
    }

    /// Whether something that a rule includes begins with the path and a slash.
    private func isAboveIncluded(_ path: Text) -> Bool {
        guard !included.isEmpty else { return false }
        let folder = path + ["/"]
        var low = 0
        var high = included.count
        while low < high {
            let middle = (low + high) / 2
            if included[middle].lexicographicallyPrecedes(folder) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < included.count && included[low].starts(with: folder)
    }

    /// What is known of a path while the rules are asked in any order.
    private struct Judgement {
        var beneath: Bool
        /// The last rule that matched so far.
        private var number = -1
        private(set) var excluded = false

        init(beneath: Bool) { self.beneath = beneath }

        mutating func take(_ number: Int, includes: Bool) {
            guard number > self.number else { return }
            self.number = number
            excluded = !includes
        }

        mutating func ask(_ rules: [Rule], of path: MatchedPath) {
            for rule in rules {
                let asksBeneath = rule.includes && !beneath
                // A rule that would change nothing need not be asked.
                guard asksBeneath || rule.number > number && rule.pattern.mayEnd(in: path) else {
                    continue
                }
                let match = rule.pattern.match(path.scalars)
                if asksBeneath, match.beneath { beneath = true }
                if match.path || match.parent { take(rule.number, includes: rule.includes) }
            }
        }
    }
}

/// A cleaned path, taken apart once for all patterns.
struct MatchedPath {
    let scalars: [Unicode.Scalar]
    /// Where its elements end: each slash, and the end.
    let ends: [Int]

    init(_ path: String) {
        let scalars = Array(path.unicodeScalars)
        ends = scalars.indices.filter { scalars[$0] == "/" } + [scalars.count]
        self.scalars = scalars
    }
}
