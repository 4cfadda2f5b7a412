import OrderedCollections

/// Turns compose files and an environment into a `Project`.
///
/// Pure but for reading files, which goes through a `FileReader`. A file is parsed; its documents,
/// the model that they make, and the project then go through the lists of `Phase`.
package struct ComposeLoader: Sendable {
    let files: any FileReader
    let limits: LoadLimits

    package init(files: any FileReader = LocalFiles(), limits: LoadLimits = LoadLimits()) {
        self.files = files
        self.limits = limits
    }

    /// Loads everything the options name.
    /// - Throws: every problem of every file, in reading order.
    package func load(_ options: LoadOptions) throws(ComposeError) -> LoadedProject {
        var session = LoadSession(files: files, options: options, limits: limits)
        return try session.load()
    }

    /// The variables that the files use, sorted by name, each once: what `config --variables` lists.
    package func variables(_ options: LoadOptions) throws(ComposeError) -> [TemplateVariable] {
        var options = options
        options.without.insert(.interpolate)
        return try load(options).variables
    }
}

extension LoadSession {
    mutating func load() throws(ComposeError) -> LoadedProject {
        var environment = initialEnvironment()
        try throwIfAny()
        let configFiles = configFiles(environment)
        mainFiles = configFiles
        try throwIfAny()
        let directory = directory(of: configFiles)
        projectDirectory = directory
        addProjectEnvFile(directory, to: &environment)
        if options.projectName?.isEmpty == false {
            diagnostics.provenance?.name = .flag
        } else if environment["COMPOSE_PROJECT_NAME"]?.isEmpty == false {
            diagnostics.provenance?.name = .variable
        }
        let name = projectName(configFiles, directory, environment)
        environment["COMPOSE_PROJECT_NAME"] = name
        let source = ModelSource(
            files: configFiles,
            directory: directory,
            pathDirectory: options.paths == .absolute ? directory : "",
            environment: environment
        )
        // What asks for too much is told, and nothing is made of the rest of it.
        guard let root = model(source), !isBroken, !diagnostics.isOver,
            diagnostics.budget.nodes >= 0, missingArtifacts.isEmpty
        else {
            if diagnostics.count == 0 { tellEmpty(configFiles) }
            throw error()
        }
        var draft = ProjectDraft(
            root,
            name: name,
            directory: directory,
            files: configFiles,
            environment: environment
        )
        try finish(&draft)
        return LoadedProject(
            project: draft.project,
            warnings: told(diagnostics.warnings),
            setAside: setAside(from: draft.root),
            environment: environment,
            profiles: draft.profiles,
            root: draft.root,
            leftOut: draft.leftOut,
            sources: diagnostics.sources,
            provenance: diagnostics.provenance,
            shell: options.environment,
            isInterpolated: options.runs(.interpolate)
        )
    }

    /// Everything after the merge.
    private mutating func finish(_ draft: inout ProjectDraft) throws(ComposeError) {
        run(ProjectDraft.phases, on: &draft)
        run(ProjectDraft.phasesOfSelected, on: &draft, onlyUsable: isUsable(draft.root))
        guard isUsable(draft.root) else { throw error() }
        if options.strictness == .warnings, !diagnostics.warnings.isEmpty { throw error() }
        if options.purpose == .explain {
            let documents = parsed.values.flatMap { $0.documents ?? [] }
            diagnostics.provenance?.documents = documents
        }
        run(ProjectDraft.phasesOfChecked, on: &draft)
    }

    /// The profiles that are on: those of the command line, or those of `COMPOSE_PROFILES`.
    func activeProfiles(_ environment: [String: String]) -> [String] {
        if !options.profiles.isEmpty { return options.profiles }
        return (environment["COMPOSE_PROFILES"] ?? "").split(separator: ",").map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
