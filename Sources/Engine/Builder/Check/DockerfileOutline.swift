import OCI

/// What a Dockerfile offers to who builds it: its stages, and what the target takes.
package struct DockerfileOutline: Sendable {
    /// A stage.
    package struct Target: Encodable, Sendable {
        /// nil for one without a name.
        package var name: String?
        /// The rest of a comment above FROM that begins with the name.
        package var description: String?
        /// True for the last stage, which is built when none is named.
        package var `default`: Bool?
        /// As written.
        package var base: String
        /// `--platform`, as written.
        package var platform: String?
        /// Of FROM.
        package var location: Location
    }

    /// A build argument of the target.
    package struct Argument: Encodable, Sendable {
        /// Of the ARG.
        package var name: String
        /// The rest of a comment above ARG that begins with the name.
        package var description: String?
        /// What it is without `--build-arg`, or what that says.
        package var value: String?
        /// Of the ARG that declares it first.
        package var location: Location
    }

    /// A secret or an agent that a step of the target mounts.
    package struct Mount: Encodable, Sendable {
        /// Its `id`.
        package var name: String
        /// True where the step fails without it.
        package var required: Bool?
        /// Of the RUN that mounts it first.
        package var location: Location
    }

    /// Where it stands; docker's form.
    package struct Location: Encodable, Sendable {
        struct Range: Encodable, Sendable { var start: [String: Int], end: [String: Int] }
        var ranges: [Range]

        init(_ lines: ClosedRange<Int>) {
            ranges = [Range(start: ["line": lines.lowerBound], end: ["line": lines.upperBound])]
        }
    }

    /// Every stage that can be named, the default one too.
    package private(set) var targets: [Target] = []
    /// Of the target and what it is built from.
    package private(set) var arguments: [Argument] = []
    /// What `--secret` gives.
    package private(set) var secrets: [Mount] = []
    /// What `--ssh` gives.
    package private(set) var agents: [Mount] = []
    /// The target's name, and what its comment says.
    package private(set) var name: String?
    /// What its comment says.
    package private(set) var description: String?

    private let nodes: [InstructionNode]

    /// - Throws: `DockerfileError` for a file that cannot be built.
    init(_ source: DockerfileSource, _ request: BuildRequest) throws(DockerfileError) {
        let dockerfile = try source.parse(request)
        nodes = Dockerfile.readableNodes(
            of: source.text,
            try Directives(of: source.text, file: source.name)
        )
        for (index, stage) in dockerfile.stages.enumerated() {
            targets.append(
                Target(
                    name: stage.name,
                    description: describe(stage.name, at: stage.lines),
                    default: index == dockerfile.stages.count - 1 ? true : nil,
                    base: stage.base,
                    platform: stage.platform,
                    location: Location(stage.lines)
                )
            )
        }
        let plan = try BuildPlan(dockerfile, request)
        name = plan.stages[plan.target].stage.name
        description = targets[plan.target].description
        takeGlobals(plan)
        for stage in plan.stages where plan.needed.contains(stage.index) {
            take(stage, plan)
        }
    }

    /// A comment `# name text` right above.
    private func describe(_ name: String?, at lines: ClosedRange<Int>) -> String? {
        guard let name, let node = nodes.first(where: { $0.lines == lines }) else { return nil }
        for comment in node.comments {
            let text = comment.drop { $0 == "#" }.trimmingBlanks()
            if text.hasPrefix(name + " ") {
                return text.dropFirst(name.count + 1).trimmingBlanks()
            }
        }
        return nil
    }

    private mutating func add(_ argument: StageScope.Argument, at lines: ClosedRange<Int>) {
        guard !arguments.contains(where: { $0.name == argument.name }) else { return }
        arguments.append(
            Argument(
                name: argument.name,
                description: describe(argument.name, at: lines),
                value: argument.value.flatMap { $0.isEmpty ? nil : $0 },
                location: Location(lines)
            )
        )
    }

    private mutating func takeGlobals(_ plan: BuildPlan) {
        for node in nodes.prefix(while: { $0.keyword.lowercased() != "from" }) {
            guard case .words(let words) = node.arguments else { continue }
            for word in words {
                let name = String(word.prefix { $0 != "=" })
                if let argument = plan.globals.arguments.first(where: { $0.name == name }) {
                    add(argument, at: node.lines)
                }
            }
        }
    }

    private mutating func take(_ stage: BuildPlan.Stage, _ plan: BuildPlan) {
        var scope = plan.globals.stageScope
        for step in stage.stage.steps {
            switch step.instruction {
            case .arg(let declarations):
                for declaration in declarations {
                    // `try?`: what cannot be expanded is reported by the build.
                    if let argument = try? scope.declare(declaration) {
                        add(argument, at: step.lines)
                    }
                }
            case .env(let pairs): _ = try? scope.set(pairs)
            case .run(_, let options):
                for mount in options.mounts {
                    let name = (try? scope.word(mount.id ?? "")) ?? ""
                    let required: Bool? = mount.isRequired ? true : nil
                    let one = Mount(
                        name: name.isEmpty ? "default" : name,
                        required: required,
                        location: Location(step.lines)
                    )
                    switch mount.kind {
                    case .secret where !secrets.contains { $0.name == one.name }:
                        secrets.append(one)
                    case .ssh where !agents.contains { $0.name == one.name }: agents.append(one)
                    default: break
                    }
                }
            default: break
            }
        }
    }
}

extension Builder {
    /// What a Dockerfile offers; nothing is built.
    package func outline(
        _ request: BuildRequest,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> (outline: DockerfileOutline, text: String) {
        try await looking(request, progress: progress) { request in
            let source = try DockerfileSource(of: request)
            return (try DockerfileOutline(source, request), source.text)
        }
    }
}
