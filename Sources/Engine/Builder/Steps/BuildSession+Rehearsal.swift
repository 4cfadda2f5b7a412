import ContainerRuntime
import OCI

extension BuildSession {
    /// Reads every step that is needed as if it was carried out, so that what is wrong with a line
    /// is told before anything runs: words that cannot be expanded, flags that do not go with their
    /// sources, rights that the user has not given.
    /// - Throws: `DockerfileError` with all of it, `BuildError` where it is one thing.
    func rehearse() throws {
        var states: [Int: StageState] = [:]
        var problems: [(lines: ClosedRange<Int>, message: String)] = []
        for index in plan.needed.sorted() {
            if let problem = plan.stages[index].foreignStep(RunnablePlatforms()) {
                problems.append(problem)
            }
            var stage = try StageBuild(self, plan.stages[index], stages: states)
            stage.rehearse(&problems)
            states[index] = stage.state
        }
        let file = plan.dockerfile
        guard problems.count > 1 else {
            guard let problem = problems.first else { return }
            var error = BuildError(
                file: file.name,
                line: problem.lines.lowerBound,
                message: problem.message
            )
            error.excerpt = file.excerpt(around: problem.lines)
            throw error
        }
        var error = DockerfileError(
            file: file.name,
            problems: problems.sorted { $0.lines.lowerBound < $1.lines.lowerBound }
                .map { .init(line: $0.lines.lowerBound, message: $0.message) }
        )
        error.lines = file.source.map { $0[...] }
        throw error
    }
}

extension BuildPlan.Stage {
    /// The first RUN of a platform whose programs this machine cannot run.
    fileprivate func foreignStep(
        _ machine: @autoclosure () -> RunnablePlatforms
    ) -> (lines: ClosedRange<Int>, message: String)? {
        guard platform.normalized != Platform.host.normalized,
            let step = stage.steps.first(where: {
                if case .run = $0.instruction { true } else { false }
            }),
            case .refused(let reason) = machine().answer(platform)
        else { return nil }
        return (
            step.lines,
            "a step of \(platform) cannot run: \(reason); or let the stage run here with "
                + "FROM --platform=$BUILDPLATFORM, and only copy in those of \(platform)"
        )
    }
}

extension StageBuild {
    /// Reads the steps, and notes what is wrong with them.
    fileprivate mutating func rehearse(
        _ problems: inout [(lines: ClosedRange<Int>, message: String)]
    ) {
        for (index, step) in planned.stage.steps.enumerated() {
            do {
                if try state.configure(step.instruction) { continue }
                switch step.instruction {
                case .copy(let copy): _ = try resolve(copy)
                case .run(_, let options):
                    _ = try network(of: options)
                    _ = try resolve(options, from: planned.mountSources[index] ?? [])
                case .workdir(let path): try enter(path)
                default: continue
                }
            } catch let problem as InstructionError {
                problems.append((step.lines, problem.message))
            } catch {
                problems.append((step.lines, "\(error)"))
            }
        }
    }
}
