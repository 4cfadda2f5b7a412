import OCI
import TextForms

/// Finds what docker's build checks find in one Dockerfile.
///
/// Three rounds: what the lines say by themselves, what FROM lines say with the ARGs above them, and
/// what the steps of the needed stages say in the order in which they are carried out.
struct DockerfileCheck {
    let name: String
    let settings: CheckSettings
    private let nodes: [InstructionNode]
    private(set) var findings: [CheckFinding] = []
    /// Directives that name no check.
    var warnings: [String] { settings.unknown.map { "\(name): \($0)" } }

    /// Reads a file, and looks at its lines; what cannot be read is left to the parser.
    init(_ text: String, name: String, _ request: BuildRequest) throws(DockerfileError) {
        self.name = name
        let directives = try Directives(of: text, file: name)
        let argument = request.arguments["BUILDKIT_DOCKERFILE_CHECK"]
        do throws(InstructionError) {
            settings =
                try (argument ?? directives.check?.value).map { text throws(InstructionError) in
                    try CheckSettings(parsing: text)
                } ?? CheckSettings()
        } catch {
            let line = argument == nil ? directives.check?.line ?? 0 : 0
            throw DockerfileError(
                file: name,
                problems: [.init(line: line, message: error.message)]
            )
        }
        nodes = Dockerfile.readableNodes(of: text, directives)
        checkLines()
    }

    /// Notes what a check found, unless it does not count here.
    mutating func find(
        _ check: BuildCheck,
        _ detail: String,
        at node: InstructionNode,
        lines: ClosedRange<Int>? = nil
    ) {
        guard settings.counts(check) else { return }
        for local in node.comments.compactMap({ CheckSettings.local($0) })
        where !local.counts(check) && !check.isExperimental {
            return
        }
        findings.append(
            CheckFinding(
                check: check,
                detail: detail,
                lines: lines ?? node.lines,
                column: lines == nil ? node.column : 1
            )
        )
    }

    /// The findings as they are shown: in the order of the file.
    var ordered: [CheckFinding] {
        findings.enumerated().sorted {
            ($0.element.lines.lowerBound, $0.offset) < ($1.element.lines.lowerBound, $1.offset)
        }.map(\.element)
    }

    /// What ends the build, with `error=true`.
    var violation: String? {
        guard settings.isError, !findings.isEmpty else { return nil }
        let rules = Set(findings.map(\.check.rawValue)).sorted().joined(separator: ", ")
        return "lint violation found for rules: \(rules)"
    }

    /// The line of a step or of a FROM as it was read.
    func node(at lines: ClosedRange<Int>) -> InstructionNode? {
        nodes.first { $0.lines == lines }
    }
}

// MARK: lines

extension DockerfileCheck {
    private mutating func checkLines() {
        var names: Set<String> = []
        for node in nodes {
            if node.hasEmptyContinuation {
                let last = node.continuationEnd
                find(.noEmptyContinuation, "Empty continuation line", at: node, lines: last...last)
            }
            let keyword = node.keyword.uppercased()
            switch keyword {
            case "FROM": checkStage(node, &names)
            case "MAINTAINER":
                find(
                    .maintainerDeprecated,
                    "Maintainer instruction is deprecated in favor of using label",
                    at: node
                )
            case "ENV", "LABEL":
                guard case .pairs(_, legacy: true) = node.arguments else { break }
                find(
                    .legacyKeyValueFormat,
                    "\"\(keyword) key=value\" should be used instead of legacy "
                        + "\"\(keyword) key value\" format",
                    at: node
                )
            default: break
            }
            checkDescription(node)
        }
        checkCasing()
    }

    private mutating func checkStage(_ node: InstructionNode, _ names: inout Set<String>) {
        guard case .words(let words) = node.arguments, words.count == 3 else { return }
        let stage = words[2]
        if stage != stage.lowercased() {
            find(.stageNameCasing, "Stage name '\(stage)' should be lowercase", at: node)
        }
        let isLower = node.keyword == node.keyword.lowercased()
        if words[1] != (isLower ? words[1].lowercased() : words[1].uppercased()) {
            find(
                .fromAsCasing,
                "'\(words[1])' and '\(node.keyword)' keywords' casing do not match",
                at: node
            )
        }
        let name = stage.lowercased()
        if ["scratch", "context"].contains(name) {
            find(
                .reservedStageName,
                "Stage name should not use the same name as reserved stage \"\(name)\"",
                at: node
            )
        }
        if !names.insert(name).inserted {
            find(
                .duplicateStageName,
                "Duplicate stage name \"\(name)\", stage names should be unique",
                at: node
            )
        }
    }

    /// Keywords are either all in capitals or none is; ARGs above the first FROM do not count.
    private mutating func checkCasing() {
        guard let first = nodes.firstIndex(where: { $0.keyword.lowercased() == "from" }) else {
            return
        }
        let counted = nodes[first...]
        let lower = counted.count { $0.keyword == $0.keyword.lowercased() }
        let upper = counted.count { $0.keyword == $0.keyword.uppercased() }
        let wantsLower = lower > upper
        for node in counted {
            let wanted = wantsLower ? node.keyword.lowercased() : node.keyword.uppercased()
            guard node.keyword != wanted else { continue }
            find(
                .consistentInstructionCasing,
                "Command '\(node.keyword)' should match the case of the command majority "
                    + "(\(wantsLower ? "lowercase" : "uppercase"))",
                at: node
            )
        }
    }

    /// A comment right above ARG or FROM describes what it declares.
    private mutating func checkDescription(_ node: InstructionNode) {
        guard settings.counts(.invalidDefinitionDescription) else { return }
        let comments = node.comments.filter { CheckSettings.local($0) == nil }
        guard !comments.isEmpty, case .words(let words) = node.arguments else { return }
        let names: [String]
        switch node.keyword.uppercased() {
        case "ARG": names = words.map { String($0.prefix { $0 != "=" }) }
        case "FROM" where words.count == 3: names = [words[2].lowercased()]
        default: return
        }
        let texts = comments.map { $0.drop { $0 == "#" }.trimmingBlanks() }
        guard !names.contains(where: { name in texts.contains { $0.hasPrefix(name + " ") } }) else {
            return
        }
        let shown = names.count == 1 ? names[0] : "<arg_key>"
        find(
            .invalidDefinitionDescription,
            "Comment for \(node.keyword.uppercased()) should follow the format: "
                + "`# \(shown) <description>`",
            at: node
        )
    }
}
