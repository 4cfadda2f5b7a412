import ArgumentParser
import Compose
import Engine
import OrderedCollections
import Reconciler

/// Makes the project true.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Bring the project up, and show its logs until Ctrl-C."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions
    @OptionGroup var flags: UpFlags

    @Flag(name: .shortAndLong, help: "Return when everything runs.")
    var detach = false

    @Flag(help: "Return when everything runs and is healthy; implies -d.")
    var wait = false

    @Option(
        name: .customLong("wait-timeout"),
        help: ArgumentHelp("Wait no longer than this.", valueName: "seconds")
    )
    var waitTimeout: Int?

    @OptionGroup var attaching: AttachFlags

    @Flag(name: .shortAndLong, help: "Do what develop.watch says when files change.")
    var watch = false

    @Option(
        name: .customLong("except"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Leave these services alone, and what depends on them does not wait for them.",
            valueName: "service,…"
        ),
        completion: .services
    )
    var excepted: [String] = []

    @Flag(name: .customLong("no-color"), help: "No colours in the logs.")
    var noColour = false

    @Flag(name: .customLong("no-log-prefix"), help: "No names before log lines.")
    var noPrefix = false

    @Flag(help: "Show when each log line was received.")
    var timestamps = false

    @Flag(name: .customLong("quiet-pull"), help: "Do not show the layers of images that arrive.")
    var quietPull = false

    @Flag(name: .customLong("quiet-build"), help: "Do not show the steps of builds.")
    var quietBuild = false

    @Flag(
        name: .shortAndLong,
        help: "Make volumes again that the file says otherwise: their data is lost."
    )
    var yes = false

    @Flag(help: "Start again, in every project, what ran before the machine restarted.")
    var resume = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws {
        if let waitTimeout, waitTimeout < 0 {
            throw ValidationError("--wait-timeout must not be negative")
        }
        if resume { try checkResuming() }
        if detach || wait, let flag = attaching.attachedOnly {
            throw ValidationError("\(wait ? "--wait" : "--detach") cannot be combined with \(flag)")
        }
        if watch, detach || wait || flags.noStart {
            let flag = wait ? "--wait" : detach ? "--detach" : "--no-start"
            throw ValidationError("\(flag) cannot be combined with --watch")
        }
        if watch, flags.making.noBuild {
            throw ValidationError("--no-build and --watch are incompatible")
        }
    }

    func run() async throws {
        if resume { return try await Resumption.run { try project.makeProgress() } }
        var loaded = try Self.loaded(project, services, excepted)
        try RemoteStack(project)?.confirm(loaded, yes: yes)
        guard loaded.project.hasServices || project.allResources else {
            throw Failure("no service selected")
        }
        try flags.check(against: loaded.project)
        let shown = try attaching.shown(
            of: loaded.project,
            named: services,
            withDependencies: !flags.noDependencies
        )
        var options = try flags.options(services: services, loaded.environment)
        options.waits = wait
        options.renewsVolumes = yes
        options.allResources = project.allResources
        let watched = try await watchPlan(&loaded)
        let settings = try project.outputSettings()
        let builds = ProjectImages.BuildOptions(isQuiet: quietBuild, pullsQuietly: quietPull)
        guard let work = try await project.converging(loaded, options, builds) else { return }
        if detach || wait || flags.noStart {
            try await work.bringUp(loaded, options, within: limit(work.progress))
        } else {
            var log = LogPrinter.Options()
            log.coloured = settings.colouredLogs(unless: noColour)
            log.showsPrefix = !noPrefix
            log.showsTime = timestamps
            let logs = LiveLogs(of: loaded.project, shown: shown, work.session.engine, log)
            let watching = try watched.map { plan in
                try project.watching(
                    loaded,
                    plan,
                    work.session,
                    builds: builds,
                    services: services,
                    load: { [project, services, excepted] in
                        try Self.loaded(project, services, excepted)
                    }
                ) { await logs.announce($0) }
            }
            let attached = AttachedUp(
                work: work,
                project: loaded.project,
                loaded: loaded,
                options: options,
                logs: logs,
                shown: shown,
                watching: watching,
                rule: attaching.exitRule(of: loaded.project, shown: shown)
            )
            try await loaded.placing { try await attached.run() }
        }
    }

    private static func loaded(
        _ project: ProjectOptions,
        _ services: [String],
        _ excepted: [String]
    ) throws -> LoadedProject {
        var loaded = try project.load(services: services)
        try loaded.project.leaveOut(
            excepted.flatMap { $0.split(separator: ",").map(String.init) },
            named: services
        )
        return loaded
    }

    /// nil without `--watch`.
    private func watchPlan(_ loaded: inout LoadedProject) async throws -> WatchPlan? {
        guard watch else { return nil }
        let project = loaded.project
        let plan = try await loaded.placing { try WatchPlan(project, services: services) }
        loaded.buildsWatched()
        return plan
    }

    /// What is started then is what there was: nothing about it can be asked for.
    private func checkResuming() throws {
        let plain = try UpFlags.parse([])
        let isPlain =
            services.isEmpty && flags.says(plain) && !wait && !watch && waitTimeout == nil
            && attaching.attachedOnly == nil
        guard isPlain else {
            throw ValidationError("--resume takes neither services nor flags of what is made")
        }
    }

    /// As in docker compose, 0 is no limit.
    private func limit(_ progress: Progress) -> ProjectWork.Limit? {
        guard let seconds = waitTimeout, seconds > 0 else { return nil }
        return (.seconds(seconds), { Self.late(seconds, progress) })
    }

    /// What `--wait-timeout` says, with what was not done in time.
    private static func late(_ seconds: Int, _ progress: Progress) -> Failure {
        let working = progress.working.map { item in
            item.text == "Waiting"
                ? "\(item.subject) is not ready" : "\(item.subject): \(item.text)"
        }
        let reasons = working.isEmpty ? "" : ": \(working.joined(separator: ", "))"
        return Failure(
            "the project was not ready within \(seconds) second\(seconds == 1 ? "" : "s")\(reasons)"
        )
    }
}
