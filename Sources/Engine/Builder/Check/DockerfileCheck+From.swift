import OCI

extension DockerfileCheck {
    /// What FROM lines say with the ARGs above the first of them.
    mutating func checkBases(_ dockerfile: Dockerfile, _ request: BuildRequest) {
        let given = StageScope.global(dockerfile, request.arguments, target: request.target)
        let defaults = StageScope.global(dockerfile, [:], target: request.target)
        for stage in dockerfile.stages {
            guard let node = node(at: stage.lines) else { continue }
            checkArguments(of: stage, node, given)
            checkDefault(of: stage, node, defaults)
            if let platform = stage.platform { checkPlatform(platform, of: stage, node, given) }
        }
    }

    private mutating func checkArguments(
        of stage: Dockerfile.Stage,
        _ node: InstructionNode,
        _ scope: StageScope
    ) {
        let declared = scope.arguments.map(\.name)
        let known = declared + scope.predefinedNames.sorted()
        var unset = scope.unset(in: stage.base)
        if let platform = stage.platform { unset += scope.unset(in: platform) }
        for name in unset where !known.contains(name) {
            find(
                .undefinedArgInFrom,
                "FROM argument '\(name)' is not declared"
                    + Suggestion.text(for: name, among: known, prefix: ""),
                at: node
            )
        }
    }

    /// Without the command line's values the base must be a name, too.
    private mutating func checkDefault(
        of stage: Dockerfile.Stage,
        _ node: InstructionNode,
        _ defaults: StageScope
    ) {
        // `try?`: what cannot be expanded is the parser's to say.
        guard let name = try? defaults.word(stage.base) else { return }
        // `try?`: whether it is a name is the question.
        guard name.isEmpty || (try? ImageReference(name)) == nil else { return }
        find(
            .invalidDefaultArgInFrom,
            "Default value for ARG \(stage.base) results in empty or invalid base image name",
            at: node
        )
    }

    private mutating func checkPlatform(
        _ platform: String,
        of stage: Dockerfile.Stage,
        _ node: InstructionNode,
        _ scope: StageScope
    ) {
        if ["$TARGETPLATFORM", "${TARGETPLATFORM}"].contains(platform) {
            find(
                .redundantTargetPlatform,
                "Setting platform to predefined \(platform) in FROM is redundant as this is the "
                    + "default behavior",
                at: node
            )
        }
        // `try?`: what is no platform is the plan's to say.
        guard !platform.contains("$"), let value = try? scope.word(platform),
            let parsed = try? Platform(value)
        else { return }
        let name = stage.name ?? ""
        guard !name.contains(parsed.os), !name.contains(parsed.architecture) else { return }
        find(
            .fromPlatformFlagConstDisallowed,
            "FROM --platform flag should not use constant value \"\(value)\"",
            at: node
        )
    }
}

extension StageScope {
    /// The scope of FROM lines.
    fileprivate static func global(
        _ dockerfile: Dockerfile,
        _ given: [String: String],
        target: String?
    ) -> StageScope {
        var scope = StageScope(
            escape: dockerfile.escape,
            given: given,
            predefined: PlatformArguments.all(target: target, platform: .host)
        )
        scope.isGlobal = true
        // `try?`: what cannot be expanded is the plan's to say.
        for declaration in dockerfile.globalArguments { _ = try? scope.declare(declaration) }
        return scope
    }
}

/// "did you mean" as BuildKit says it in its checks.
enum Suggestion {
    /// ` (did you mean X?)`, or nothing.
    static func text(for word: String, among known: [String], prefix: String) -> String {
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = distance(Array(word.utf8), Array(candidate.utf8))
            // BuildKit's limit; of equals the first.
            if distance < best?.distance ?? 3 { best = (candidate, distance) }
        }
        return best.map { " (did you mean \(prefix)\($0.word)?)" } ?? ""
    }

    /// Insertions, deletions and substitutions.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) < 3 else { return .max }
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let substituted = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
