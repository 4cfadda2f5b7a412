import OCI

/// Walks the steps of the stages that a build needs, in order, with the variables that each sees.
struct StageCheck {
    /// What a stage hands to those that begin with it.
    private struct State {
        var scope: StageScope
        /// Its base's environment is known.
        var knowsEnvironment = true
        var hasWorkingDirectory = false
        var hasShell = false
    }

    let plan: BuildPlan
    /// Configurations of the images that are at hand.
    let images: [PlatformImage: ImageConfiguration]
    let contexts: [String: BuildRequest.NamedContext]
    let ignored: IgnoreRules?
    private var states: [Int: State] = [:]

    init(
        plan: BuildPlan,
        images: [PlatformImage: ImageConfiguration],
        contexts: [String: BuildRequest.NamedContext],
        ignored: IgnoreRules?
    ) {
        self.plan = plan
        self.images = images
        self.contexts = contexts
        self.ignored = ignored
    }

    /// Looks at every stage that the target needs, or at all of them.
    mutating func run(_ check: inout DockerfileCheck, all: Bool = false) {
        for stage in plan.stages {
            var state = begin(stage)
            let counts = all || plan.needed.contains(stage.index)
            var used: [String: InstructionNode] = [:]
            // Triggers are another file's.
            for (place, step) in stage.stage.steps.enumerated() where place >= stage.triggers {
                guard let node = check.node(at: step.lines) else { continue }
                if counts {
                    checkWords(step.instruction, state, node, &check)
                    checkMeaning(step.instruction, stage, place, &state, &used, node, &check)
                }
                advance(step.instruction, &state)
            }
            states[stage.index] = state
        }
    }

    private func begin(_ stage: BuildPlan.Stage) -> State {
        let configuration: ImageConfiguration?
        switch stage.base {
        case .stage(let parent): return states[parent] ?? State(scope: plan.globals.stageScope)
        case .scratch: configuration = ImageConfiguration()
        case .image(let needed): configuration = images[needed]
        case .context(let name):
            switch contexts[name] {
            case .image(let reference):
                configuration = images[PlatformImage(reference, stage.platform)]
            case .built(let images):
                configuration = images.best(for: stage.platform).configuration
            default: configuration = nil
            }
        }
        var state = State(scope: plan.globals.stageScope)
        var environment = configuration?.config.environment ?? []
        if Environment.value(of: "PATH", in: environment) == nil {
            environment.append(StageState.defaultPath)
        }
        state.scope.begin(with: environment)
        state.knowsEnvironment = configuration != nil
        state.hasShell = !(configuration?.config.shell ?? []).isEmpty
        return state
    }

    /// `try?`: what cannot be expanded is reported by the build.
    private func advance(_ instruction: Instruction, _ state: inout State) {
        switch instruction {
        case .arg(let declarations):
            for declaration in declarations { _ = try? state.scope.declare(declaration) }
        case .env(let pairs): _ = try? state.scope.set(pairs)
        case .workdir: state.hasWorkingDirectory = true
        case .shell: state.hasShell = true
        default: break
        }
    }

    /// Variables that have no value where they are used.
    private func checkWords(
        _ instruction: Instruction,
        _ state: State,
        _ node: InstructionNode,
        _ check: inout DockerfileCheck
    ) {
        guard state.knowsEnvironment else { return }
        var scope = state.scope
        var seen: Set<String> = []
        for text in instruction.expandedTexts {
            let declared = Set(scope.arguments.map(\.name))
            for name in scope.unset(in: text)
            where !declared.contains(name) && seen.insert(name).inserted {
                let environment = scope.environment.map { String($0.prefix { $0 != "=" }) }
                check.find(
                    .undefinedVar,
                    "Usage of undefined variable '$\(name)'"
                        + Suggestion.text(
                            for: name,
                            among: environment
                                + scope.arguments.filter { $0.value != nil }.map(\.name),
                            prefix: "$"
                        ),
                    at: node
                )
            }
            // Each ARG of a line sees those before it.
            if case .arg(let declarations) = instruction,
                let one = declarations.first(where: { $0.name == text || $0.value == text })
            {
                _ = try? scope.declare(one)
            }
        }
    }

    private func checkMeaning(
        _ instruction: Instruction,
        _ stage: BuildPlan.Stage,
        _ place: Int,
        _ state: inout State,
        _ used: inout [String: InstructionNode],
        _ node: InstructionNode,
        _ check: inout DockerfileCheck
    ) {
        switch instruction {
        case .cmd(let command), .entrypoint(let command):
            checkOnce(node, &used, &check)
            if case .shell = command, !command.isEmpty, !state.hasShell {
                check.find(
                    .jsonArgsRecommended,
                    "JSON arguments recommended for \(node.keyword.uppercased()) to prevent "
                        + "unintended behavior related to OS signals",
                    at: node
                )
            }
        case .healthcheck: checkOnce(node, &used, &check)
        case .workdir(let path):
            guard !state.hasWorkingDirectory, let path = try? state.scope.word(path),
                !path.hasPrefix("/")
            else { break }
            check.find(
                .workdirRelativePath,
                "Relative workdir \"\(path)\" can have unexpected results if the base image "
                    + "changes",
                at: node
            )
        case .arg(let declarations):
            for name in declarations.map(\.name) { checkSecret("ARG", name, node, &check) }
        case .env(let pairs):
            for name in pairs.map(\.name) { checkSecret("ENV", name, node, &check) }
        case .expose(let ports):
            for port in ports { checkPort((try? state.scope.word(port)) ?? port, node, &check) }
        case .copy(let copy):
            guard case .buildContext? = stage.copySources[place] else { break }
            checkIgnored(copy, state, node, &check)
        default: break
        }
    }

    /// Only the last of CMD, ENTRYPOINT and HEALTHCHECK counts; the earlier one is to blame.
    private func checkOnce(
        _ node: InstructionNode,
        _ used: inout [String: InstructionNode],
        _ check: inout DockerfileCheck
    ) {
        let keyword = node.keyword.uppercased()
        if let earlier = used[keyword] {
            check.find(
                .multipleInstructionsDisallowed,
                "Multiple \(node.keyword) instructions should not be used in the same stage "
                    + "because only the last one will be used",
                at: earlier
            )
        }
        used[keyword] = node
    }

    private static let secretWords: Set<String> = [
        "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd",
        "secret", "token",
    ]
    private static let publicWords: Set<String> = ["public", "file", "version"]

    private func checkSecret(
        _ instruction: String,
        _ name: String,
        _ node: InstructionNode,
        _ check: inout DockerfileCheck
    ) {
        let words = Set(name.lowercased().split(separator: "_").map(String.init))
        guard !words.isDisjoint(with: Self.secretWords),
            words.isDisjoint(with: Self.publicWords)
        else { return }
        check.find(
            .secretsUsedInArgOrEnv,
            "Do not use ARG or ENV instructions for sensitive data (\(instruction) \"\(name)\")",
            at: node
        )
    }

    private func checkPort(
        _ text: String,
        _ node: InstructionNode,
        _ check: inout DockerfileCheck
    ) {
        let parts = text.split(separator: "/", maxSplits: 1)
        if (parts.first ?? "").contains(":") {
            check.find(
                .exposeInvalidFormat,
                "EXPOSE instruction should not define an IP address or host-port mapping, found "
                    + "'\(text)'",
                at: node
            )
        }
        if parts.count > 1, parts[1] != parts[1].lowercased() {
            check.find(
                .exposeProtoCasing,
                "Defined protocol '\(text)' in EXPOSE instruction should be lowercase",
                at: node
            )
        }
    }

    /// Where rules take in again, a folder that is left out may have files that are not.
    private func checkIgnored(
        _ copy: CopyInstruction,
        _ state: State,
        _ node: InstructionNode,
        _ check: inout DockerfileCheck
    ) {
        guard let ignored, !ignored.hasInclusions else { return }
        for source in copy.sources {
            guard let path = try? state.scope.word(source),
                copy.add == nil || SourceKind(path) == .path
            else { continue }
            let clean = PathText.clean(path)
            let isRoot = clean == "." && ignored.excludesEverything
            guard isRoot || ignored.judge(clean).excluded else { continue }
            check.find(
                .copyIgnoredFile,
                "Attempting to \(copy.add == nil ? "Copy" : "Add") file \"\(clean)\" that is "
                    + "excluded by .dockerignore",
                at: node
            )
        }
    }
}

extension Instruction {
    /// The texts in which variables are expanded by the builder.
    fileprivate var expandedTexts: [String] {
        switch self {
        case .arg(let declarations): declarations.flatMap { [$0.name, $0.value].compactMap { $0 } }
        case .env(let pairs), .label(let pairs): pairs.flatMap { [$0.name, $0.value] }
        case .workdir(let text), .user(let text), .stopSignal(let text): [text]
        case .expose(let texts), .volume(let texts): texts
        case .copy(let copy):
            copy.sources + [copy.destination]
                + [copy.owner, copy.mode, copy.from, copy.add?.checksum].compactMap { $0 }
                + copy.exclusions
        default: []
        }
    }
}
