import ContainerRuntime
import ImageStore
import Linux
import OCI
import SystemPackage
import TextForms

/// Builds one stage, step by step.
struct StageBuild {
    let session: BuildSession
    let planned: BuildPlan.Stage
    /// The stages that were built before.
    let stages: [Int: StageState]
    var state: StageState
    /// What the step at hand depends on.
    var facts = StepFacts()
    /// The step at hand, as it was written, and as people see it.
    private var text = ""
    private var shown: BuildStep?
    /// Place of the step among those that people see counted; FROM was the first.
    private var place = 1

    init(_ session: BuildSession, _ planned: BuildPlan.Stage, stages: [Int: StageState]) throws {
        self.session = session
        self.planned = planned
        self.stages = stages
        let scope = session.plan.globals.stageScope
        switch planned.base {
        case .scratch: state = StageState(scratch: scope, for: planned.platform)
        case .stage(let index):
            guard let below = stages[index] else {
                preconditionFailure("a stage is built after the one it begins with")
            }
            state = StageState(stage: below)
        case .context(let name):
            switch session.request.namedContexts[name] {
            case .built(let images):
                state = StageState(image: images.best(for: planned.platform), scope: scope)
            case .image(let reference):
                let image = PlatformImage(reference, planned.platform)
                state = try Self.begin(image, session, scope)
            case .directory, .remote, nil: preconditionFailure("the plan refuses such a base")
            }
        case .image(let image): state = try Self.begin(image, session, scope)
        }
    }

    private static func begin(
        _ needed: PlatformImage,
        _ session: BuildSession,
        _ scope: StageScope
    ) throws -> StageState {
        guard let image = session.images[needed] else {
            preconditionFailure("images are resolved before the stages that need them")
        }
        return StageState(image: image, scope: scope)
    }

    /// Carries out every step.
    mutating func run() async throws -> StageState {
        for (index, step) in planned.stage.steps.enumerated() {
            try Task.checkCancellation()
            do {
                if try state.configure(step.instruction) { continue }
            } catch let problem as InstructionError {
                throw error(step.lines, nil, problem.message)
            } catch {
                throw self.error(step.lines, nil, "\(error)")
            }
            guard state.layers.count < Manifest.layerLimit else {
                throw error(step.lines, nil, "an image has at most \(Manifest.layerLimit) layers")
            }
            place += 1
            try await makeLayer(step, index: index)
        }
        return state
    }

    /// `[web build 2/5] RUN make`.
    private func title(_ step: Dockerfile.Step) -> String {
        var parts: [String] = []
        if let name = session.request.name { parts.append(name) }
        let needed = session.plan.needed.count
        if needed > 1 { parts.append(planned.stage.name ?? "stage-\(planned.index)") }
        parts.append("\(place)/\(planned.countedSteps)")
        return "[\(parts.joined(separator: " "))] \(step.text)"
    }

    private func error(
        _ lines: ClosedRange<Int>,
        _ step: BuildStep?,
        _ message: String
    ) -> BuildError {
        let file = session.plan.dockerfile
        var error = BuildError(
            file: file.name,
            line: lines.lowerBound,
            step: step?.title,
            message: message
        )
        error.excerpt = file.excerpt(around: lines)
        return error
    }

    /// Carries out a step that makes a layer, and tells about it.
    private mutating func makeLayer(_ step: Dockerfile.Step, index: Int) async throws {
        let shown = session.begin(title(step))
        let clock = ContinuousClock()
        let begun = clock.now
        do {
            let isCached: Bool
            facts = StepFacts()
            text = step.text
            self.shown = shown
            facts.note(StepFacts.below, state.chain)
            switch step.instruction {
            case .run(let command, let options):
                let sources = planned.mountSources[index] ?? []
                isCached = try await run(command, options, from: sources, shown)
            case .copy(let copy):
                guard let source = planned.copySources[index] else {
                    preconditionFailure("the plan knows where every COPY takes its files from")
                }
                isCached = try await self.copy(copy, from: source)
            case .workdir(let path): isCached = try await workingDirectory(path)
            default: preconditionFailure("only these make layers")
            }
            try explain(step, shown, isCached: isCached)
            session.tell(isCached ? .cached(shown) : .finished(shown, clock.now - begun))
        } catch is CancellationError {
            throw CancellationError()
        } catch let failure as RunFailure {
            try explain(step, shown, isCached: false)
            session.tell(.failed(shown, failure.description))
            var error = error(step.lines, shown, failure.description)
            error.exitCode = failure.exitCode
            throw error
        } catch let problem as InstructionError {
            session.tell(.failed(shown, problem.message))
            throw error(step.lines, shown, problem.message)
        } catch {
            let words = (error as? SyscallError)?.inBuild ?? "\(error)"
            session.tell(.failed(shown, words))
            throw self.error(step.lines, shown, words)
        }
    }

    private var usesCache: Bool {
        let request = session.request
        return !request.ignoresCache
            && !request.uncachedStages.contains(planned.stage.name ?? "\(planned.index)")
    }

    /// Takes the right to carry out a step that the cache has not; or waits for the build that does, and
    /// then has what it gave. Without the cache everybody works for himself.
    func claim(_ key: Digest) async throws -> (claim: StepLocks.Claim?, record: BuildCache.Record?)
    {
        guard usesCache else { return (nil, nil) }
        let claim = try await session.stepLocks.claim(key) {
            guard let shown else { return }
            session.tell(.explained(shown, "waiting for another build that carries out this step"))
        }
        // It may have ended between our look and our claim, too.
        if let record = try await cached(key) { return (nil, record) }
        return (claim, nil)
    }

    /// The layer that this machine's cache, or another one, has for a key; nil too when it is lost.
    func cached(_ key: Digest) async throws -> BuildCache.Record? {
        guard usesCache else { return nil }
        if let record = session.cache.record(for: key), session.store.hasLayer(record.layer) {
            session.cache.noteUse(of: key)
            session.note(record, for: key)
            return record
        }
        guard let record = try await session.imported(key) else { return nil }
        session.note(record, for: key)
        return record
    }

    /// Makes a step's upper folder a layer. Remembers it under the keys unless there are none.
    func adopt(_ upper: FilePath, keys: [Digest]) async throws -> BuildCache.Record {
        let (session, text) = (session, text)
        return try await blocking { () throws(any Error) in
            let (diffID, size) = try session.store.adoptLayer(upper)
            let created = RFC3339.text(nanoseconds: wallClockNanoseconds())
            let record = BuildCache.Record(
                layer: diffID,
                size: size,
                created: created,
                text: text
            )
            for key in keys {
                try session.cache.store(record, for: key)
                session.note(record, for: key)
            }
            return record
        }
    }
}
