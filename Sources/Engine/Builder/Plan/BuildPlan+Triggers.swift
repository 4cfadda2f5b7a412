import OCI

extension BuildPlan.Stage {
    /// What the stage's own ONBUILD lines say.
    var ownTriggers: [String] {
        stage.steps.compactMap { step in
            if case .onBuild(let text) = step.instruction { text } else { nil }
        }
    }
}

extension BuildPlan {
    /// The triggers of the images that the needed stages begin with, by stage.
    func triggers(
        _ request: BuildRequest,
        _ images: [PlatformImage: BaseImage]
    ) -> [Int: [String]] {
        var triggers: [Int: [String]] = [:]
        for stage in stages where needed.contains(stage.index) {
            let image: BaseImage?
            switch stage.base {
            case .image(let needed): image = images[needed]
            case .context(let name):
                switch request.namedContexts[name] {
                case .built(let images): image = images.best(for: stage.platform)
                case .image(let reference):
                    image = images[PlatformImage(reference, stage.platform)]
                default: image = nil
                }
            case .scratch, .stage: image = nil
            }
            let texts = image?.configuration.config.onBuild ?? []
            if !texts.isEmpty { triggers[stage.index] = texts }
        }
        return triggers
    }

    /// Reads triggers as steps at the line of the FROM that brings them in.
    static func steps(
        of texts: [String],
        at lines: ClosedRange<Int>
    ) throws(InstructionError) -> [Dockerfile.Step] {
        var steps: [Dockerfile.Step] = []
        for text in texts {
            for node in try nodes(ofTrigger: text) {
                let shown = "ONBUILD \(node.text.trimmingBlanks())"
                do throws(InstructionError) {
                    let instruction = try Instruction(node)
                    steps.append(
                        Dockerfile.Step(instruction: instruction, text: shown, lines: lines)
                    )
                } catch {
                    throw InstructionError("\(shown), of the base image: \(error.message)")
                }
            }
        }
        return steps
    }

    private static func nodes(
        ofTrigger text: String
    ) throws(InstructionError) -> [InstructionNode] {
        do throws(DockerfileError) {
            return try Dockerfile.nodes(of: text)
        } catch {
            let reason = error.problems.first?.message ?? ""
            throw InstructionError("ONBUILD \(text), of the base image: \(reason)")
        }
    }
}
