import ArgumentParser
import Compose
import ContainerRuntime
import Engine
import Glibc
import Linux
import OrderedCollections
import Reconciler
import Supervisor

/// One command in a container of its own, beside a service's replicas.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command in a new container of a service, and end with its exit code.",
        discussion: """
            What the service depends on is brought up before. The container publishes no ports \
            unless told to, is not started again when it ends, and stays afterwards but with --rm. \
            Where our input and output are terminals, the command gets one in the container.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions
    @OptionGroup var flags: RunFlags

    @Flag(help: "Build the image before.")
    var build = false

    @Option(
        help: ArgumentHelp("always, missing or never.", valueName: "when"),
        completion: .list(["always", "missing", "never"])
    )
    var pull: String?

    @Flag(name: .customLong("no-deps"), help: "Leave alone what the service depends on.")
    var noDependencies = false

    @Flag(name: .customLong("remove-orphans"), help: "Remove containers of no service.")
    var removeOrphans = false

    @Flag(name: .shortAndLong, help: "Show nothing but what the command writes.")
    var quiet = false

    @Flag(name: .customLong("quiet-pull"), help: "Do not show the layers of images that arrive.")
    var quietPull = false

    @Flag(name: .customLong("quiet-build"), help: "Do not show the steps of builds.")
    var quietBuild = false

    @Argument(help: "The service.", completion: .services)
    var service: String

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String] = []

    func validate() throws {
        try flags.check()
        if let pull, UpOptions.Pull(rawValue: pull) == nil {
            throw ValidationError("--pull takes always, missing or never, not \(pull)")
        }
    }

    func run() async throws {
        let loaded = try project.load(services: [service])
        try RemoteStack(project)?.confirm(loaded, yes: false)
        let streams = try RunStreams(flags)
        var oneOff = OneOff(of: service, in: loaded.project, named: flags.name)
        oneOff.command = command.isEmpty ? nil : command
        oneOff.streams = streams.spec
        try flags.change(&oneOff, loaded.environment)
        let wanted = try oneOff.applied(to: loaded.project)
        let options = try options(loaded.environment)
        let session = try Session.open()
        if project.dryRun {
            Terminal.line("DRY-RUN MODE: nothing is changed; this would be done:", to: .error)
            return DryRun.show("run container \(oneOff.name)")
        }
        let work = try ProjectWork(
            on: wanted.name,
            of: wanted,
            session: session,
            progress: project.makeProgress(isQuiet: quiet),
            parallel: project.parallelLimit(in: loaded.environment),
            builds: ProjectImages.BuildOptions(
                isQuiet: quiet || quietBuild,
                pullsQuietly: quiet || quietPull
            )
        )
        let container = try await make(oneOff, of: wanted, options, work, loaded)
        try await start(container, streams, work)
    }

    private func options(_ environment: [String: String]) throws -> UpOptions {
        var flags = try UpFlags.parse([])
        flags.build = build
        flags.pull = pull
        flags.noDependencies = noDependencies
        flags.making.removeOrphans = removeOrphans
        return try flags.options(services: [service], environment)
    }

    /// Brings up what the service depends on, and makes the container.
    private func make(
        _ oneOff: OneOff,
        of wanted: Project,
        _ options: UpOptions,
        _ work: ProjectWork,
        _ loaded: LoadedProject
    ) async throws -> ContainerRecord {
        let report = work.report
        let name = oneOff.name
        let result = try await loaded.placing {
            try await Interruptible.run(work.progress) {
                try await work.alone {
                    try await work.convergence.up(
                        wanted,
                        options: options,
                        oneOff: oneOff,
                        report: { event in
                            // As docker compose, which tells of what it depends on alone.
                            if !event.concerns(name) { report(event) }
                        }
                    )
                }
            }
        }
        work.progress.finish()
        try result.checkAll()
        let made = try await work.session.engine.containers(ofProject: wanted.name)
        guard let container = made.first(where: { $0.name == oneOff.name }) else {
            throw Failure("container \(oneOff.name) was removed before it could be started")
        }
        return container
    }

    private func start(
        _ container: ContainerRecord,
        _ streams: RunStreams,
        _ work: ProjectWork
    ) async throws {
        guard !flags.detach else {
            try await starting(container, work) {
                try await work.client.start(container.id)
            }
            try await work.close()
            return Terminal.line(container.id.text)
        }
        let start = AttachedStart(
            session: work.session,
            client: work.client,
            container: container,
            givesInput: streams.givesInput,
            detachKeys: try DockerSettings().detachKeys(nil)
        )
        let ending = try await starting(container, work) { try await start.run() }
        try await work.close()
        try ending.finish(of: container)
    }

    /// What cannot be executed ends with docker's codes for it.
    private func starting<R>(
        _ container: ContainerRecord,
        _ work: ProjectWork,
        _ body: () async throws -> R
    ) async throws -> R {
        do {
            return try await work.session.starting(container, removes: flags.removes, body)
        } catch let error as SupervisorError {
            guard let code = error.codeOfProgram else { throw error }
            throw Failure("\(error)", exitCode: code)
        }
    }
}

extension ConvergenceEvent {
    /// Whether it is a step with the container of that name.
    fileprivate func concerns(_ name: String) -> Bool {
        guard case .step(let step, _) = self else { return false }
        return step.operation.noun == "container \(name)"
    }
}
