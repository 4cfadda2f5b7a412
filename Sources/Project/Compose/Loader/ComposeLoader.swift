import OrderedCollections

/// Turns compose files and an environment into a `Project`.
///
/// Pure but for reading files, which goes through a `FileReader`. The row of phases: parse,
/// interpolate, canonicalise, include and extend, merge, normalise, validate, bind.
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
        options.interpolates = false
        options.checksConsistency = false
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
            pathDirectory: options.resolvesPaths ? directory : "",
            environment: environment
        )
        // What asks for too much is told, and nothing is made of the rest of it.
        guard var root = model(source), !isBroken, !diagnostics.isOver,
            diagnostics.budget.nodes >= 0
        else {
            if diagnostics.count == 0 { tellEmpty(configFiles) }
            throw error()
        }
        let loaded = try finish(&root, name: name, directory: directory, environment)
        try throwIfUnusable(root)
        if options.isStrict, !diagnostics.warnings.isEmpty { throw error() }
        if options.recordsSources {
            let documents = parsed.values.flatMap { $0.documents ?? [] }
            diagnostics.provenance?.documents = documents
        }
        var project = Project(name: name, directory: directory, files: configFiles)
        if options.bindsProject {
            loaded.bound.fill(&project, from: root, disabled: loaded.disabled)
            project.separator = options.separator
        }
        return LoadedProject(
            project: project,
            warnings: told(diagnostics.warnings),
            setAside: setAside(from: root),
            environment: environment,
            profiles: loaded.profiles,
            root: root,
            sources: diagnostics.sources,
            provenance: diagnostics.provenance,
            shell: options.environment,
            isInterpolated: options.interpolates
        )
    }

    /// Everything after the merge: defaults, checks, profiles, selection, env files.
    private mutating func finish(
        _ root: inout Node,
        name: String,
        directory: String,
        _ environment: [String: String]
    ) throws(ComposeError) -> (
        bound: BoundValues, disabled: Node.Mapping, profiles: [String]
    ) {
        diagnostics.kind = .rule
        let normalisation = Normalisation(projectName: name, environment: environment)
        normalisation.setDefaults(in: &root, &diagnostics)
        Completeness().check(root, as: .fields(.project), &diagnostics)
        root.set("name", Node(.string(name), at: root.mark))
        if root["services"] == nil { root.set("services", Node(.map([:]), at: root.mark)) }
        let profiles = declaredProfiles(root)
        if options.normalizes { normalisation.normalise(&root) }
        Rules(isLenient: !options.interpolates).check(root, &diagnostics)
        let bound = Binder.read(
            root,
            isLenient: !options.interpolates,
            isToRun: options.purpose == .run,
            &diagnostics
        )
        var selection = ProfileSelection(
            services: root["services"]?.map ?? [:],
            profiles: activeProfiles(environment),
            wanted: options.services
        )
        diagnostics.kind = .reference
        if options.checksConsistency, options.interpolates {
            References(root: root, enabled: selection.enabled, disabled: selection.disabled)
                .check(&diagnostics)
        }
        selection.narrow(to: options.services, &diagnostics)
        if options.checksConsistency, options.interpolates, options.purpose != .images {
            Lints(
                root: root,
                enabled: selection.enabled,
                environment: environment,
                isToRun: options.purpose == .run
            ).check(&diagnostics)
        }
        diagnostics.kind = .unsupported
        if !diagnostics.problems.isEmpty, options.purpose != .config {
            // Told together with what is wrong, so that one run shows everything there is to mend.
            var asked = root
            asked.update("services") { $0.value = .map(selection.enabled) }
            UnsupportedAttributes().check(needed(of: asked), as: .fields(.project), &diagnostics)
        }
        try throwIfUnusable(root)
        // Without values there is nothing to choose by: the whole model is shown.
        guard options.interpolates else { return (bound, selection.disabled, profiles) }
        var enabled = selection.enabled
        diagnostics.kind = .environment
        if options.resolvesEnvironment {
            resolveEnvironment(of: &enabled, environment, directory: directory)
        }
        root.update("services") { $0.value = .map(enabled) }
        if !options.keepsUnusedResources {
            for section in ["networks", "volumes", "secrets", "configs", "models"] {
                let used = selection.used(section, of: root)
                root.update(section) { $0.value = .map(used) }
            }
        }
        checkCarriedOut(root)
        return (bound, selection.disabled, profiles)
    }

    /// Reports what the engine does not carry out of what the project is loaded for.
    private mutating func checkCarriedOut(_ root: Node) {
        guard options.purpose != .config else { return }
        if options.purpose == .run { HostNames().check(root, &diagnostics) }
        diagnostics.kind = .unsupported
        let needed = needed(of: root)
        UnsupportedAttributes().check(needed, as: .fields(.project), &diagnostics)
        UnsupportedValues().check(needed, &diagnostics)
    }

    /// What the purpose asks the engine to carry out: of images, what they come of.
    private func needed(of root: Node) -> Node {
        guard options.purpose == .images else { return root }
        var images: Node.Mapping = [:]
        for (name, service) in root["services"]?.map ?? [:] {
            let entries = (service.map ?? [:]).filter { Self.imageAttributes.contains($0.key) }
            images[name] = service.with(.map(entries))
        }
        return root.with(.map(["services": Node(.map(images), at: root.mark)]))
    }

    private static let imageAttributes: Set<String> = [
        "build", "image", "platform", "pull_policy", "pull_refresh_after",
    ]

    private func activeProfiles(_ environment: [String: String]) -> [String] {
        if !options.profiles.isEmpty { return options.profiles }
        return (environment["COMPOSE_PROFILES"] ?? "").split(separator: ",").map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    private func declaredProfiles(_ root: Node) -> [String] {
        Set((root["services"]?.map ?? [:]).values.flatMap { $0["profiles"]?.strings ?? [] })
            .sorted()
    }
}
