import OCI

extension BuildPlan {
    /// The images that the needed stages begin with or copy from, each with the lines that name it
    /// first.
    func images(_ request: BuildRequest) -> [PlatformImage: ClosedRange<Int>] {
        var images: [PlatformImage: ClosedRange<Int>] = [:]
        func add(_ image: PlatformImage, _ lines: ClosedRange<Int>) {
            if images[image] == nil { images[image] = lines }
        }
        func add(context name: String, _ stage: Stage, _ lines: ClosedRange<Int>) {
            if case .image(let reference) = request.namedContexts[name] {
                add(PlatformImage(reference, stage.platform), lines)
            }
        }
        for stage in stages where needed.contains(stage.index) {
            switch stage.base {
            case .image(let image): add(image, stage.stage.lines)
            case .context(let name): add(context: name, stage, stage.stage.lines)
            case .scratch, .stage: break
            }
            for (place, source) in stage.sources {
                let lines = stage.stage.steps[place].lines
                switch source {
                case .image(let image): add(image, lines)
                case .context(let name): add(context: name, stage, lines)
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
        for stage in stages.map(\.stage) {
            for case .arg(let declarations) in stage.steps.map(\.instruction) {
                known.formUnion(declarations.map(\.name))
            }
        }
        let unused = request.arguments.keys.filter {
            !known.contains($0) && !$0.hasPrefix("BUILDKIT_") && $0 != "SOURCE_DATE_EPOCH"
        }
        var warnings: [String] = []
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
