import OCI

/// What names in FROM and `COPY --from` mean: a named context, then a stage above, then an image.
struct StageNames {
    private let request: BuildRequest
    private let contexts: [String: String]
    /// Later names hide earlier ones.
    private var stages: [String: Int] = [:]
    private let allNames: Set<String>

    init(dockerfile: Dockerfile, request: BuildRequest) {
        self.request = request
        contexts = Dictionary(
            request.namedContexts.keys.map { ($0.lowercased(), $0) },
            uniquingKeysWith: { $1 }
        )
        allNames = Set(dockerfile.stages.compactMap(\.name))
    }

    mutating func add(_ stage: Dockerfile.Stage, index: Int) {
        if let name = stage.name { stages[name] = index }
    }

    /// What a stage's FROM line says it is for; otherwise what the build is for.
    func platform(
        of stage: Dockerfile.Stage,
        globals: StageScope
    ) throws(InstructionError) -> Platform {
        guard let written = stage.platform else { return request.platform }
        let text: String
        do throws(ShellExpansionError) { text = try globals.word(written) } catch {
            throw InstructionError(error.description)
        }
        do throws(OCIError) { return try Platform(text) } catch {
            throw InstructionError("failed to parse platform \(text): \(error)")
        }
    }

    /// What a stage's FROM line names.
    func base(
        of stage: Dockerfile.Stage,
        for platform: Platform,
        globals: StageScope
    ) throws(InstructionError) -> BuildPlan.Base {
        let name: String
        do throws(ShellExpansionError) { name = try globals.word(stage.base) } catch {
            throw InstructionError(error.description)
        }
        guard !name.isEmpty else {
            throw InstructionError(
                "base name (\(stage.base)) should not be blank" + Self.hint(stage, globals)
            )
        }
        if let context = contexts[name.lowercased()] {
            if request.isFolder(context) {
                throw InstructionError(
                    "\(name) is a directory; a stage cannot begin with one, COPY --from can use it"
                )
            }
            return .context(context)
        }
        if name == "scratch" { return .scratch }
        if let index = stages[name.lowercased()] { return .stage(index) }
        let reference: ImageReference
        do throws(InstructionError) { reference = try image(name) } catch {
            throw InstructionError(error.message + Self.hint(stage, globals))
        }
        if let context = context(equalTo: reference) { return .context(context) }
        return .image(PlatformImage(reference, platform))
    }

    /// What is most often wrong with a base's name.
    private static func hint(_ stage: Dockerfile.Stage, _ globals: StageScope) -> String {
        let unset = globals.unset(in: stage.base)
        guard !unset.isEmpty else { return "" }
        let names = unset.joined(separator: ", ")
        let declared = globals.arguments.filter { $0.value != nil }.map(\.name)
        return "; \(names) has no value here: declare it with ARG above the first FROM"
            + (declared.isEmpty ? "" : " (declared are: \(declared.joined(separator: ", ")))")
    }

    /// What a `from` names when its variables have their values; without one it is the build context.
    func source(
        expanding from: String?,
        in scope: StageScope,
        of stage: BuildPlan.Stage
    ) throws -> BuildPlan.Source {
        guard let from else { return .buildContext }
        return try source(scope.word(from), written: from, of: stage)
    }

    /// What a `--from` names.
    private func source(
        _ name: String,
        written: String,
        of planned: BuildPlan.Stage
    ) throws(InstructionError) -> BuildPlan.Source {
        guard !name.isEmpty else {
            throw InstructionError("invalid from flag value \(written): it is empty")
        }
        if let context = contexts[name.lowercased()] { return .context(context) }
        if let stage = stages[name.lowercased()] { return .stage(stage) }
        if let number = Int(name) {
            guard (0..<planned.index).contains(number) else {
                throw InstructionError(
                    "invalid from flag value \(name): there is no stage \(number) above this one"
                )
            }
            return .stage(number)
        }
        if name == "scratch" {
            throw InstructionError("invalid from flag value scratch: it is empty")
        }
        guard !allNames.contains(name.lowercased()) else {
            throw InstructionError(
                "circular dependency detected on stage: \(name); "
                    + "a stage can copy only from stages above it"
            )
        }
        let reference = try image(name)
        if let context = context(equalTo: reference) { return .context(context) }
        return .image(PlatformImage(reference, planned.platform))
    }

    private func image(_ name: String) throws(InstructionError) -> ImageReference {
        do throws(OCIError) {
            return try ImageReference(name).tagged
        } catch {
            throw InstructionError("failed to parse stage name \"\(name)\": \(error)")
        }
    }

    /// A context may be named as the image it stands for.
    private func context(equalTo reference: ImageReference) -> String? {
        contexts.values.sorted().first { name in
            // A name that is no reference cannot be meant.
            (try? ImageReference(name).tagged) == reference
        }
    }
}
