import OCI

/// Which stages a build needs and what each is made from, decided before anything is done.
struct BuildPlan: Sendable {
    /// What a stage begins with.
    enum Base: Equatable, Sendable {
        case scratch
        case stage(Int)
        /// A named context; it stands for an image.
        case context(String)
        case image(PlatformImage)
    }

    /// Where a COPY or a mount takes its files from.
    enum Source: Equatable, Sendable {
        case buildContext
        case stage(Int)
        case context(String)
        case image(PlatformImage)
    }

    /// A stage with everything that was looked up for it.
    struct Stage: Sendable {
        var index: Int
        var stage: Dockerfile.Stage
        var base: Base
        /// Whose programs its steps run, and whose image it begins with.
        var platform = Platform.host
        /// Triggers of the base that the stage begins with; they come before its own steps.
        var triggers = 0
        /// By the step's place in the stage.
        var copySources: [Int: Source] = [:]
        /// By the step's place in the stage: one for each mount that has files.
        var mountSources: [Int: [Source?]] = [:]

        /// Everything that files are taken from, with the place of the step.
        var sources: [(place: Int, source: Source)] {
            let mounts = mountSources.flatMap { place, sources in
                sources.compactMap { $0 }.map { (place: place, source: $0) }
            }
            return (copySources.map { (place: $0.key, source: $0.value) } + mounts)
                .sorted { $0.place < $1.place }
        }

        /// Indices of the stages that must be built first.
        var dependencies: Set<Int> {
            var result: Set<Int> = []
            if case .stage(let index) = base { result.insert(index) }
            for case .stage(let index) in sources.map(\.source) { result.insert(index) }
            return result
        }

        /// Steps that people see counted: FROM and what makes layers.
        var countedSteps: Int { 1 + stage.steps.count { $0.instruction.makesLayer } }
    }

    let dockerfile: Dockerfile
    /// Every stage of the file, also those that are not needed.
    private(set) var stages: [Stage] = []
    let target: Int
    /// The stages that the target needs, itself included.
    private(set) var needed: Set<Int> = []
    let globals: StageScope

    /// Looks up every name; all that is wrong is thrown at once. `triggers` are those of images, by
    /// the stage that begins with the image.
    init(
        _ dockerfile: Dockerfile,
        _ request: BuildRequest,
        triggers: [Int: [String]] = [:]
    ) throws(DockerfileError) {
        self.dockerfile = dockerfile
        let target = Self.find(request.target, in: dockerfile)
        var problems: [DockerfileError.Problem] = []
        if target == nil {
            problems.append(
                .init(
                    line: 0,
                    message: "target stage \"\(request.target ?? "")\" could not be found"
                )
            )
        }
        self.target = target ?? 0
        var globals = StageScope(
            escape: dockerfile.escape,
            given: request.arguments,
            predefined: PlatformArguments.all(target: request.target, platform: request.platform)
        )
        globals.isGlobal = true
        for declaration in dockerfile.globalArguments {
            do throws(ShellExpansionError) {
                try globals.declare(declaration)
            } catch {
                problems.append(.init(line: 1, message: error.description))
            }
        }
        self.globals = globals
        var names = StageNames(dockerfile: dockerfile, request: request)
        var scopes: [StageScope] = []
        for (index, stage) in dockerfile.stages.enumerated() {
            do throws(InstructionError) {
                var platform = try names.platform(of: stage, globals: globals)
                let base = try names.base(of: stage, for: platform, globals: globals)
                var scope = globals.stageScope
                var texts = triggers[index] ?? []
                if case .stage(let parent) = base {
                    scope = scopes[parent]
                    texts = stages[parent].ownTriggers
                    platform = stages[parent].platform
                }
                var planned = Stage(index: index, stage: stage, base: base, platform: platform)
                let steps = try Self.steps(of: texts, at: stage.lines)
                planned.stage.steps = steps + stage.steps
                planned.triggers = steps.count
                Self.lookUpSources(&planned, &scope, &names, &problems)
                scopes.append(scope)
                stages.append(planned)
            } catch {
                problems.append(.init(line: stage.lines.lowerBound, message: error.message))
                scopes.append(globals.stageScope)
                stages.append(Stage(index: index, stage: stage, base: .scratch))
            }
            names.add(stage, index: index)
        }
        guard problems.isEmpty else {
            throw DockerfileError(
                file: dockerfile.name,
                problems: problems.sorted { $0.line < $1.line }
            )
        }
        need(self.target)
    }

    /// A stage is given by its name or its number; nothing means the last one.
    private static func find(_ target: String?, in dockerfile: Dockerfile) -> Int? {
        guard let target, !target.isEmpty else { return dockerfile.stages.count - 1 }
        let name = target.lowercased()
        if let index = dockerfile.stages.lastIndex(where: { $0.name == name }) { return index }
        guard let index = Int(target), dockerfile.stages.indices.contains(index) else { return nil }
        return index
    }

    /// `--from` is expanded with what ARG and ENV of the stage say up to its line.
    private static func lookUpSources(
        _ planned: inout Stage,
        _ scope: inout StageScope,
        _ names: inout StageNames,
        _ problems: inout [DockerfileError.Problem]
    ) {
        for (place, step) in planned.stage.steps.enumerated() {
            do {
                switch step.instruction {
                case .arg(let declarations):
                    for declaration in declarations { try scope.declare(declaration) }
                case .env(let pairs): try scope.set(pairs)
                case .copy(let copy):
                    planned.copySources[place] = try names.source(
                        expanding: copy.from,
                        in: scope,
                        of: planned
                    )
                case .run(_, let options):
                    planned.mountSources[place] = try options.mounts.map { mount in
                        // A cache begins empty unless it is told what with.
                        guard mount.kind == .bind || mount.from != nil else { return nil }
                        return try names.source(
                            expanding: mount.from,
                            in: scope,
                            of: planned
                        )
                    }
                default: continue
                }
            } catch let error as InstructionError {
                problems.append(.init(line: step.lines.lowerBound, message: error.message))
            } catch {
                problems.append(.init(line: step.lines.lowerBound, message: "\(error)"))
            }
        }
    }

    private mutating func need(_ target: Int) {
        var pending = [target]
        while let index = pending.popLast() {
            guard needed.insert(index).inserted else { continue }
            pending += stages[index].dependencies
        }
    }
}
