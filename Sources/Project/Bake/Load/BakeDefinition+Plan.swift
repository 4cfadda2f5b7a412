import TextForms

extension BakeDefinition {
    /// Decides what is built: of these targets and groups, `default` where none is named, with what
    /// `--set` says (`overrides`).
    package func plan(
        for names: [String] = [],
        overrides: [String] = [],
        environment: [String: String] = [:]
    ) throws(BakeError) -> BakePlan {
        var parsed: [BakeOverride] = []
        for text in overrides {
            let override = try BakeOverride(parsing: text)
            guard targets.keys.contains(where: override.matches) else {
                throw BakeError("could not find any target matching '\(override.pattern)'")
            }
            parsed.append(override)
        }
        var choice = BakeChoice(definition: self, overrides: parsed, environment: environment)
        return try choice.plan(for: names.isEmpty ? ["default"] : names)
    }
}

/// Walks from what was asked for to the targets that this needs.
private struct BakeChoice {
    let definition: BakeDefinition
    let overrides: [BakeOverride]
    let environment: [String: String]
    private var groups: [String: [String]] = [:]
    private var chosen: [String: BakeTarget] = [:]
    private var linked: Set<String> = []
    private var resolved: [String: BakeTarget] = [:]
    /// Over how many levels a target inherits, and over how many it builds upon others.
    private var inheritLevels: [String: Int] = [:]
    private var linkLevels: [String: Int] = [:]

    /// So many levels may groups, `inherits` and `contexts` have.
    private static let levelLimit = 256

    init(
        definition: BakeDefinition,
        overrides: [BakeOverride],
        environment: [String: String]
    ) {
        self.definition = definition
        self.overrides = overrides
        self.environment = environment
    }

    mutating func plan(for names: [String]) throws(BakeError) -> BakePlan {
        for name in names { try choose(name, path: []) }
        if names != ["default"] || groups["default"] == nil {
            var members: [String] = []
            for name in names + (groups["default"] ?? []) where !members.contains(name) {
                members.append(name)
            }
            groups["default"] = members
        }
        for name in chosen.keys.sorted() { _ = try link(name, path: []) }
        let all = chosen.values.sorted { $0.name < $1.name }
        return BakePlan(groups: groups, targets: all, linked: linked)
    }

    private mutating func choose(_ name: String, path: [String]) throws(BakeError) {
        if let group = definition.groups[name] {
            let way = path + [name]
            guard !path.contains(name) else {
                throw BakeError("infinite loop from groups: \(way.joined(separator: " has "))")
            }
            guard groups[name] == nil else { return }
            guard way.count <= Self.levelLimit else { throw Self.tooDeep("groups", name) }
            groups[name] = group.members
            for member in group.members {
                // A group that has a target of its own name.
                if member == name {
                    try chooseTarget(member)
                } else {
                    try choose(member, path: way)
                }
            }
        } else {
            try chooseTarget(name)
        }
    }

    private mutating func chooseTarget(_ name: String) throws(BakeError) {
        guard chosen[name] == nil else { return }
        chosen[name] = try complete(name)
    }

    private static func tooDeep(_ what: String, _ name: String) -> BakeError {
        BakeError(
            "\(what) of \(name): more than \(levelLimit) levels deep",
            hint: "name what is needed at the end of the chain itself"
        )
    }

    /// Adds the targets that a target builds upon, each once. Returns over how many levels.
    private mutating func link(_ name: String, path: [String]) throws(BakeError) -> Int {
        if let known = linkLevels[name] { return known }
        guard let target = chosen[name] else { return 0 }
        let way = path + [name]
        guard !path.contains(name) else {
            throw BakeError("infinite loop from contexts: \(way.joined(separator: " needs "))")
        }
        var levels = 0
        for (_, value) in target.map(.contexts) where value.hasPrefix("target:") {
            let other = String(value.dropFirst("target:".count))
            if chosen[other] == nil {
                var target = try complete(other)
                target.fields[.output] = .options([BakeOptions(["type": "cacheonly"])])
                chosen[other] = target
                linked.insert(other)
            }
            guard way.count <= Self.levelLimit else { throw Self.tooDeep("contexts", name) }
            levels = max(levels, try link(other, path: way) + 1)
        }
        guard levels <= Self.levelLimit else { throw Self.tooDeep("contexts", name) }
        linkLevels[name] = levels
        return levels
    }

    /// A target with its defaults.
    private mutating func complete(_ name: String) throws(BakeError) -> BakeTarget {
        var target = try inherited(name, path: [])
        let context = target.text(.context) ?? "."
        target.fields[.context] = .text(Self.clean(context))
        if target.text(.dockerfile) == nil { target.fields[.dockerfile] = .text("Dockerfile") }
        target.fields[.inherits] = nil
        return target
    }

    private mutating func inherited(_ name: String, path: [String]) throws(BakeError) -> BakeTarget
    {
        if let known = resolved[name] { return known }
        guard !path.contains(name) else {
            throw BakeError(
                "target \(name) inherits from itself: \((path + [name]).joined(separator: " from "))"
            )
        }
        guard let own = definition.targets[name] else {
            let known = Array(definition.targets.keys) + definition.groups.keys
            let near = nearest(to: name, among: known.sorted())
            throw BakeError(
                "failed to find target \(name)",
                hint: near.map { "did you mean \($0)?" }
                    ?? (known.isEmpty
                        ? nil : "there are \(known.sorted().prefix(20).joined(separator: ", "))")
            )
        }
        var target = BakeTarget(name: name)
        let way = path + [name]
        var levels = 0
        for parent in own.texts(.inherits) {
            guard way.count <= Self.levelLimit else { throw Self.tooDeep("inherits", name) }
            target.merge(try inherited(parent, path: way))
            levels = max(levels, inheritLevels[parent, default: 0] + 1)
        }
        guard levels <= Self.levelLimit else { throw Self.tooDeep("inherits", name) }
        inheritLevels[name] = levels
        target.merge(own)
        target.fields[.inherits] = nil
        var set: Set<BakeAttribute> = []
        for override in overrides where override.matches(name) {
            let isFirst = set.insert(override.attribute).inserted
            try override.apply(to: &target, isFirst: isFirst, environment: environment)
        }
        resolved[name] = target
        return target
    }

    /// A path without `.` and `..` where they can go; addresses stay.
    private static func clean(_ path: String) -> String {
        let scheme = "cwd://"
        let path = path.hasPrefix(scheme) ? String(path.dropFirst(scheme.count)) : path
        guard !path.contains("://"), !path.hasPrefix("git@") else { return path }
        let root = path.hasPrefix("/") ? "/" : ""
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || root.isEmpty {
                parts.append(part)
            }
        }
        return parts.isEmpty ? (root.isEmpty ? "." : root) : root + parts.joined(separator: "/")
    }
}
