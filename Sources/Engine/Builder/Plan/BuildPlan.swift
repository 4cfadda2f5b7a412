import OCI

/// Which stages a build needs and what each is made from, decided before anything is done.
struct BuildPlan: Sendable {
    /// What a stage begins with.
    enum Base: Equatable, Sendable {
        case scratch
        case stage(Int)
        /// A named context; it stands for an image.
        case context(String)
        case image(ImageReference)
    }

    /// Where a COPY takes its files from.
    enum Source: Equatable, Sendable {
        case buildContext
        case stage(Int)
        case context(String)
        case image(ImageReference)
    }

    /// A stage with everything that was looked up for it.
    struct Stage: Sendable {
        var index: Int
        var stage: Dockerfile.Stage
        var base: Base
        /// By the step's place in the stage.
        var copySources: [Int: Source] = [:]

        /// Indices of the stages that must be built first.
        var dependencies: Set<Int> {
            var result: Set<Int> = []
            if case .stage(let index) = base { result.insert(index) }
            for case .stage(let index) in copySources.values { result.insert(index) }
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

    /// Looks up every name; all that is wrong is thrown at once.
    init(_ dockerfile: Dockerfile, _ request: BuildRequest) throws(DockerfileError) {
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
            predefined: PlatformArguments.all(target: request.target)
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
                let base = try names.base(of: stage, index: index, globals: globals)
                var scope = globals.stageScope
                if case .stage(let parent) = base { scope = scopes[parent] }
                var planned = Stage(index: index, stage: stage, base: base)
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
                    guard let from = copy.from else {
                        planned.copySources[place] = .buildContext
                        continue
                    }
                    planned.copySources[place] = try names.source(
                        scope.word(from),
                        written: from,
                        index: planned.index
                    )
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

extension BuildPlan {
    /// The images that the needed stages begin with or copy from, each with the lines that name it
    /// first.
    func images(_ request: BuildRequest) -> [ImageReference: ClosedRange<Int>] {
        var images: [ImageReference: ClosedRange<Int>] = [:]
        func add(_ reference: ImageReference, _ lines: ClosedRange<Int>) {
            if images[reference] == nil { images[reference] = lines }
        }
        func add(context name: String, _ lines: ClosedRange<Int>) {
            if case .image(let reference) = request.namedContexts[name] { add(reference, lines) }
        }
        for stage in stages where needed.contains(stage.index) {
            switch stage.base {
            case .image(let reference): add(reference, stage.stage.lines)
            case .context(let name): add(context: name, stage.stage.lines)
            case .scratch, .stage: break
            }
            for (place, source) in stage.copySources.sorted(by: { $0.key < $1.key }) {
                let lines = stage.stage.steps[place].lines
                switch source {
                case .image(let reference): add(reference, lines)
                case .context(let name): add(context: name, lines)
                case .buildContext, .stage: break
                }
            }
        }
        return images
    }

    /// What the user may have meant otherwise.
    func warnings(_ request: BuildRequest) -> [String] {
        var known = Set(StageScope.proxies).union(globals.predefinedNames)
        known.formUnion(dockerfile.globalArguments.map(\.name))
        for stage in dockerfile.stages {
            for case .arg(let declarations) in stage.steps.map(\.instruction) {
                known.formUnion(declarations.map(\.name))
            }
        }
        let unused = request.arguments.keys.filter {
            !known.contains($0) && !$0.hasPrefix("BUILDKIT_") && $0 != "SOURCE_DATE_EPOCH"
        }
        var warnings = dockerfile.warnings
        if !unused.isEmpty {
            let names = unused.sorted().joined(separator: ", ")
            warnings.append("one or more build arguments were not used: \(names)")
        }
        return warnings
    }
}

extension Instruction {
    /// Makes a layer; the others change only the configuration.
    var makesLayer: Bool {
        switch self {
        case .run, .copy, .workdir: true
        default: false
        }
    }
}
