import TextForms

/// Which checks count: `skip=Rule,Rule;error=true;experimental=Rule`, of the `check` directive, of a
/// comment above an instruction, or of the build argument `BUILDKIT_DOCKERFILE_CHECK`.
struct CheckSettings: Equatable {
    /// Names in lower case.
    private var skipped: Set<String> = []
    private var skipsAll = false
    private var experimental: Set<String> = []
    private var allowsAllExperimental = false
    /// Whether a finding ends the build.
    private(set) var isError = false
    /// Names that are no check, with what may have been meant.
    private(set) var unknown: [String] = []

    /// Everything that is not experimental counts.
    init() {}

    /// A field that is not known, or a value that is not valid, is thrown.
    init(parsing text: String) throws(InstructionError) {
        for field in text.split(separator: ";") {
            let parts = field.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks() }
            guard parts.count == 2 else {
                throw InstructionError("invalid check option \"\(field)\"; write skip=RULE")
            }
            switch parts[0].lowercased() {
            case "skip":
                skipped = take(parts[1])
                skipsAll = skipped.contains(Self.all)
            case "experimental":
                experimental = take(parts[1])
                allowsAllExperimental = experimental.contains(Self.all)
            case "error":
                guard let value = InstructionFlags.boolean(parts[1]) else {
                    throw InstructionError(
                        "failed to parse check option \"error\": \(parts[1]) is not true or false"
                    )
                }
                isError = value
            default:
                throw InstructionError(
                    "invalid check option \"\(parts[0])\"; known are skip, error and experimental"
                )
            }
        }
    }

    private static let all = "all"

    /// The names in lower case; those that mean nothing are noted.
    private mutating func take(_ text: String) -> Set<String> {
        if text.lowercased() == Self.all { return [Self.all] }
        let known = BuildCheck.allCases.map(\.rawValue)
        let names = text.split(separator: ",").map { $0.trimmingBlanks() }.filter { !$0.isEmpty }
        for name in names where !known.contains(where: { $0.lowercased() == name.lowercased() }) {
            let near = nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            unknown.append("check: there is no rule \(name)\(near)")
        }
        return Set(names.map { $0.lowercased() })
    }

    /// Whether findings of a check count.
    func counts(_ check: BuildCheck) -> Bool {
        let name = check.rawValue.lowercased()
        if check.isExperimental, !allowsAllExperimental, !experimental.contains(name) {
            return false
        }
        return !skipsAll && !skipped.contains(name)
    }

    /// The settings of a comment `# check=…`; nil for any other comment.
    static func local(_ comment: String) -> CheckSettings? {
        let text = comment.drop { $0 == "#" }.trimmingBlanks()
        guard let equals = text.firstIndex(of: "="),
            text[..<equals].trimmingBlanks().lowercased() == "check"
        else { return nil }
        let value = Directives.withoutRemark(String(text[text.index(after: equals)...]))
        // What is no setting is a comment.
        return try? CheckSettings(parsing: value)
    }
}
