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

    @Flag(name: .shortAndLong, help: "Accepted: nothing is asked.")
    var yes = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func validate() throws {
        if let waitTimeout, waitTimeout < 0 {
            throw ValidationError("--wait-timeout must not be negative")
        }
        if detach || wait, let flag = attaching.attachedOnly {
            throw ValidationError("\(wait ? "--wait" : "--detach") cannot be combined with \(flag)")
        }
    }

    func run() async throws {
        let loaded = try project.load(services: services)
        guard !loaded.project.services.isEmpty else { throw Failure("no service selected") }
        try flags.check(against: loaded.project)
        let shown = try attaching.shown(
            of: loaded.project,
            named: services,
            withDependencies: !flags.noDependencies
        )
        let session = try Session.open()
        var options = try flags.options(services: services, loaded.environment)
        options.waits = wait
        if project.dryRun {
            Terminal.line("DRY-RUN MODE: nothing is changed; this would be done:", to: .error)
            return try await PlanCommand.describe(loaded, options, session)
        }
        let settings = try project.outputSettings()
        let work = try ProjectWork(
            on: loaded.project.name,
            of: loaded.project,
            session: session,
            progress: project.makeProgress(),
            parallel: project.parallelLimit(in: loaded.environment),
            builds: ProjectImages.BuildOptions(isQuiet: quietBuild, pullsQuietly: quietPull)
        )
        if detach || wait || flags.noStart {
            let result = try await loaded.placing {
                try await converge(work, loaded.project, options)
            }
            work.progress.finish()
            try await work.close()
            try result.checkAll()
        } else {
            var log = LogPrinter.Options()
            log.coloured = settings.colouredLogs(unless: noColour)
            log.showsPrefix = !noPrefix
            log.showsTime = timestamps
            let attached = AttachedUp(
                work: work,
                project: loaded.project,
                options: options,
                log: log,
                shown: shown,
                rule: attaching.exitRule(of: loaded.project, shown: shown)
            )
            try await loaded.placing { try await attached.run() }
        }
    }

    private func converge(
        _ work: ProjectWork,
        _ project: Project,
        _ options: UpOptions
    ) async throws -> ConvergenceResult {
        let report = work.report
        // As in docker compose, 0 is no limit.
        let limit = waitTimeout == 0 ? nil : waitTimeout
        let progress = work.progress
        return try await Interruptible.run(progress) {
            try await Deadline.run(
                limit.map { .seconds($0) },
                else: { Self.late(limit ?? 0, progress) }
            ) {
                try await work.alone(hastening: Hastening(options, of: project)) {
                    try await work.convergence.up(project, options: options, report: report)
                }
            }
        }
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
