import TextForms

/// Collects what a load finds wrong or worth telling, with the path being worked on.
///
/// Phases go on after a problem, so that all of them are told at once; the loader throws at the
/// end of a phase that found any.
struct Diagnostics {
    enum Step {
        case key(String)
        case index(Int)
    }

    /// After this many the rest is only counted: a wrong file must not fill the screen.
    private static let limit = 200

    var sources = Sources()
    /// What the load may still use up.
    var budget: LoadBudget
    private(set) var problems: [Problem] = []
    private(set) var warnings: [Problem] = []
    /// Problems found after the limit was reached.
    private(set) var omitted = 0
    /// So much is wrong that counting ended: every phase stops where it is.
    private(set) var isOver = false
    private var seen: Set<Problem> = []
    /// The paths of all problems told, and of everything that they are in.
    private var problemPaths: Set<String> = []
    private var seenWarnings: Set<Problem> = []
    private var path: [Step] = []
    private var unsetVariables: Set<String> = []
    /// Services whose base could not be found: what is missing in them is not missing by itself.
    var incomplete: Set<String> = []
    /// The chain of `extends` of each service that has one, outermost first.
    var extensions: [String: [Extension]] = [:]
    /// The kind of what the phase at work reports; `LoadSession.during` sets it.
    var kind = Problem.Kind.file
    /// Where values come from; nil in a load that nobody wants explained.
    var provenance: Provenance?

    init(budget: LoadBudget = LoadBudget(LoadLimits())) { self.budget = budget }

    /// Nothing more is told: what is costly to find for a message need not be found.
    var isFull: Bool { problems.count >= Self.limit }

    /// No more warnings are told: what is costly to find for one need not be found.
    var isFullOfWarnings: Bool { warnings.count > Self.limit }

    /// Takes nodes from the budget; false, and a problem for the first time, where it is used up.
    mutating func spend(nodes count: Int, at mark: Mark) -> Bool {
        guard budget.nodes >= 0 else { return false }
        budget.nodes -= count
        guard budget.nodes < 0 else { return true }
        problem(
            "the files of this project expand to too many nodes",
            at: mark,
            hint: "something is included, extended or repeated again and again"
        )
        return false
    }

    mutating func enter(_ key: String) { path.append(.key(key)) }
    mutating func enter(_ index: Int) { path.append(.index(index)) }
    mutating func leave() { path.removeLast() }

    /// Takes the path away, for a part of the load that starts at the top of another file.
    mutating func takePath() -> [Step] {
        defer { path = [] }
        return path
    }

    mutating func restorePath(_ saved: [Step]) { path = saved }

    /// Number of problems so far; a caller compares it to know whether a part was right.
    var count: Int { problems.count + omitted }

    /// Whether something at the path, or beneath it, is wrong.
    func hasProblem(under path: String) -> Bool { problemPaths.contains(path) }

    /// The path being worked on: `services.web.ports[0]`.
    var pathText: String {
        var text = ""
        for step in path {
            switch step {
            case .key(let key): text += text.isEmpty ? key : "." + key
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// The key being worked on; nil in a list.
    var key: String? {
        if case .key(let key) = path.last { key } else { nil }
    }

    /// The path is in what a program or a shell is to read: a command, the text of a file.
    var isInScript: Bool {
        path.count > 2
            && path.contains {
                guard case .key(let key) = $0 else { return false }
                return ["command", "entrypoint", "test", "content", "dockerfile_inline"]
                    .contains(key)
            }
    }

    mutating func problem(
        _ message: String,
        at mark: Mark,
        hint: String? = nil,
        path: String? = nil
    ) {
        guard !isOver else { return }
        guard !isFull else {
            omitted += 1
            if omitted >= budget.countedProblems { isOver = true }
            return
        }
        let problem = make(message, mark, hint, path)
        guard seen.insert(problem).inserted else { return }
        problems.append(problem)
        problemPaths.formUnion(problem.path.startsOfPath.map(String.init))
    }

    mutating func warning(
        _ message: String,
        at mark: Mark,
        hint: String? = nil,
        path: String? = nil,
        kind: Problem.Kind? = nil
    ) {
        guard !isFullOfWarnings else { return }
        var problem = make(message, mark, hint, path)
        if let kind { problem.kind = kind }
        // Aliases and extends bring one line to several places; it is told for the first.
        var spot = problem
        (spot.path, spot.route) = ("", [])
        guard seenWarnings.insert(spot).inserted else { return }
        guard warnings.count == Self.limit else { return warnings.append(problem) }
        warnings.append(
            make("there are more warnings, from here on", mark, "mend these to see them", "")
        )
    }

    /// Warns of a variable without a value, once for each name; once more where it leaves a gap in
    /// a script, since there it was likely meant for the container.
    mutating func unset(_ name: String, at mark: Mark) {
        guard !isFullOfWarnings else { return }
        guard unsetVariables.insert(isInScript ? name + " in a script" : name).inserted else {
            return
        }
        let place =
            sources.find("${\(name)", from: mark) ?? sources.find("$\(name)", from: mark) ?? mark
        if isInScript {
            warning(
                "the \"\(name)\" variable is not set: a part of this text is left empty",
                at: place,
                hint: "set it, or write $${\(name)} to leave it to the container",
                kind: .environment
            )
        } else {
            warning(
                "the \"\(name)\" variable is not set: it becomes an empty string",
                at: place,
                hint: "set it in the shell or .env, or give a default: ${\(name):-default}",
                kind: .environment
            )
        }
    }

    private mutating func make(
        _ message: String,
        _ mark: Mark,
        _ hint: String?,
        _ path: String?
    ) -> Problem {
        let mark = sources.visible(mark)
        var problem = Problem(
            position: sources.position(mark),
            path: VisibleText.shortened(path ?? pathText),
            message: VisibleText.shortened(message),
            hint: hint.map(VisibleText.shortened)
        )
        problem.sourceLine = sources.line(mark).map(VisibleText.sameColumns)
        problem.route = route(of: mark, path: problem.path)
        problem.kind = kind
        return problem
    }

    /// By file as read, then by place.
    func inReadingOrder(_ list: [Problem]) -> [Problem] {
        let order = sources.order
        return list.enumerated().sorted { left, right in
            let (a, b) = (left.element.position, right.element.position)
            return (order[a.file] ?? 0, a.line, a.column, left.offset)
                < (order[b.file] ?? 0, b.line, b.column, right.offset)
        }.map(\.element)
    }
}
