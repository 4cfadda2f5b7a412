import OrderedCollections

/// A project on its way through the phases, from its merged model on.
struct ProjectDraft {
    var root: Node
    let name: String
    /// Absolute.
    let directory: String
    let files: [String]
    /// The project environment.
    let environment: [String: String]
    /// Every profile that some service names, sorted.
    fileprivate(set) var profiles: [String] = []
    fileprivate var selection = ProfileSelection(services: [:], profiles: [], wanted: [])
    /// Every value that the tree declares; what does not take part, too.
    fileprivate var bound = BoundValues()
    /// Content of the files that services name, by the path that they say.
    fileprivate var seccompProfiles: [String: String] = [:]
    /// What files say of the devices that services name, by service.
    fileprivate var deviceEdits: [String: DeviceEdits] = [:]
    fileprivate(set) var project: Project

    init(
        _ root: Node,
        name: String,
        directory: String,
        files: [String],
        environment: [String: String]
    ) {
        self.root = root
        self.name = name
        self.directory = directory
        self.files = files
        self.environment = environment
        project = Project(name: name, directory: directory, files: files)
    }

    /// Services that do not take part.
    var leftOut: Node.Mapping { selection.disabled }

    fileprivate var normalisation: Normalisation {
        Normalisation(projectName: name, environment: environment)
    }
}

extension ProjectDraft {
    typealias Row = Phase<Self>

    /// What is written: completed, checked, and narrowed to what takes part.
    static let phases = [
        setDefaults, checkCompleteness, normalise, checkRules, readValues, selectProfiles,
        checkReferences, selectServices, lint, dropServices, dropResources,
    ]
    /// What follows from it: env files are read, and the purpose of the load is looked at.
    static let phasesOfSelected = [
        resolveEnvironment, readSeccompProfiles, readDeviceFiles, checkHostNames, checkAttributes,
        checkValues,
    ]
    /// The result, once nothing is wrong.
    static let phasesOfChecked = [bind]

    private static let setDefaults = Row(.setDefaults, finds: .rule) { session, draft in
        draft.normalisation.setDefaults(in: &draft.root, &session.diagnostics)
    }

    private static let checkCompleteness = Row(.checkCompleteness, finds: .rule) { session, draft in
        Completeness().check(draft.root, as: .fields(.project), &session.diagnostics)
        draft.root.set("name", Node(.string(draft.name), at: draft.root.mark))
        if draft.root["services"] == nil {
            draft.root.set("services", Node(.map([:]), at: draft.root.mark))
        }
    }

    private static let normalise = Row(.normalise, finds: .rule) { _, draft in
        draft.normalisation.normalise(&draft.root)
    }

    private static let checkRules = Row(.checkRules, finds: .rule) { session, draft in
        Rules(isLenient: !session.options.runs(.interpolate))
            .check(draft.root, &session.diagnostics)
        OwnRules().check(draft.root, &session.diagnostics)
    }

    private static let readValues = Row(.readValues, finds: .rule) { session, draft in
        draft.bound = Binder.read(
            draft.root,
            isLenient: !session.options.runs(.interpolate),
            isToRun: session.options.purpose == .run,
            defaultPlatform: draft.environment["DOCKER_DEFAULT_PLATFORM"],
            &session.diagnostics
        )
    }

    private static let selectProfiles = Row(.selectProfiles, finds: .reference) { session, draft in
        let services = draft.root["services"]?.map ?? [:]
        draft.profiles = Set(services.values.flatMap { $0["profiles"]?.strings ?? [] }).sorted()
        draft.selection = ProfileSelection(
            services: services,
            profiles: session.activeProfiles(draft.environment),
            wanted: session.options.services
        )
    }

    private static let checkReferences = Row(
        .checkReferences,
        finds: .reference,
        needs: [.values]
    ) { session, draft in
        References(
            root: draft.root,
            enabled: draft.selection.enabled,
            disabled: draft.selection.disabled
        ).check(&session.diagnostics)
    }

    private static let selectServices = Row(.selectServices, finds: .reference) { session, draft in
        draft.selection.narrow(to: session.options.services, &session.diagnostics)
    }

    private static let lint = Row(.lint, finds: .reference, needs: [.values, .references]) {
        session,
        draft in
        Lints(
            root: draft.root,
            enabled: draft.selection.enabled,
            environment: draft.environment,
            isToRun: session.options.purpose == .run
        ).check(&session.diagnostics)
    }

    // Without values there is nothing to choose by: the whole model is shown.
    private static let dropServices = Row(
        .dropServices,
        finds: .reference,
        needs: [.values]
    ) { _, draft in
        let enabled = draft.selection.takeEnabled()
        draft.root.update("services") { $0.value = .map(enabled) }
    }

    private static let dropResources = Row(
        .dropResources,
        finds: .reference,
        needs: [.values]
    ) { _, draft in
        for section in ["networks", "volumes", "secrets", "configs", "models"] {
            let used = ProfileSelection.used(section, of: draft.root)
            draft.root.update(section) { $0.value = .map(used) }
        }
    }

    private static let resolveEnvironment = Row(
        .resolveEnvironment,
        finds: .environment,
        needs: [.values, .usableProject]
    ) { session, draft in
        session.resolveEnvironment(
            of: &draft.root,
            draft.environment,
            directory: draft.directory
        )
    }

    private static let readSeccompProfiles = Row(
        .readSeccompProfiles,
        finds: .file,
        needs: [.values, .usableProject]
    ) { session, draft in
        draft.seccompProfiles = session.seccompProfiles(of: draft.root, in: draft.directory)
    }

    private static let readDeviceFiles = Row(
        .readDeviceFiles,
        finds: .unsupported,
        needs: [.values, .usableProject]
    ) { session, draft in
        draft.deviceEdits = session.deviceEdits(of: draft.root)
    }

    private static let checkHostNames = Row(
        .checkHostNames,
        finds: .rule,
        needs: [.values, .usableProject]
    ) { session, draft in
        HostNames().check(draft.root, &session.diagnostics)
    }

    /// Also where something is wrong, so that one run shows everything there is to mend.
    private static let checkAttributes = Row(
        .checkAttributes,
        finds: .unsupported,
        needs: [.values]
    ) { session, draft in
        UnsupportedAttributes()
            .check(
                session.options.purpose.needed(of: draft.root),
                as: .fields(.project),
                &session.diagnostics
            )
    }

    private static let checkValues = Row(
        .checkValues,
        finds: .unsupported,
        needs: [.values, .usableProject]
    ) { session, draft in
        UnsupportedValues()
            .check(session.options.purpose.needed(of: draft.root), &session.diagnostics)
    }

    private static let bind = Row(.bind, finds: .rule) { session, draft in
        draft.project = Project(name: draft.name, directory: draft.directory, files: draft.files)
        draft.project.separator = session.options.separator
        draft.project.isNamedByFolder = session.nameSource == .folder
        draft.bound.fill(
            &draft.project,
            from: draft.root,
            disabled: draft.selection.disabled
        )
        for files in [\Project.configs, \Project.secrets] {
            for (key, file) in draft.project[keyPath: files] {
                draft.project[keyPath: files][key]?.variableValue = file.environment
                    .flatMap { draft.environment[$0] }
            }
        }
        if !draft.seccompProfiles.isEmpty { draft.fillSeccompProfiles() }
        for (name, edits) in draft.deviceEdits {
            draft.project.services[name]?.devices.edits = edits
        }
    }

    private mutating func fillSeccompProfiles() {
        for name in project.services.keys {
            project.services[name]?.security.fill(from: seccompProfiles)
        }
    }
}
