import ArgumentParser
import Glibc
import KernelNames
import Reconciler

/// Sends a signal to what runs.
struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Send a signal to the project's containers, SIGKILL unless told otherwise.",
        discussion: """
            A container that is sent SIGKILL or its stop signal is not started again by its restart \
            policy; other signals leave the policy alone.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The signal: KILL, SIGHUP, 9.", valueName: "signal"),
        completion: .list(Signal.names)
    )
    var signal = "SIGKILL"

    @Flag(
        name: .customLong("remove-orphans"),
        help: "Send it to containers of no service of the file, too."
    )
    var withOrphans = false

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        let number = try SignalOption.number(of: signal)
        // Any other signal leaves what runs running, and a stop under way its grace.
        let plan = try await project.walk(
            services,
            hastening: number == SIGKILL ? .some(.zero) : nil,
            looksOnly: true,
            besideOthers: number != SIGKILL
        ) { [services, withOrphans] scope, observed in
            Plan.kill(
                scope.project,
                observed: observed,
                services: services,
                signal: number,
                withOrphans: withOrphans
            )
        }
        if plan.isEmpty, !project.dryRun { try project.makeProgress().note("no container to kill") }
    }
}

/// Lets the containers stand still.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let the processes of the project's containers stand still."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        _ = try await project.walk(services, hastening: nil, looksOnly: true) {
            [services] scope, observed in
            try Plan.pause(scope.project, observed: observed, services: services)
        }
    }
}

/// Lets them go on.
struct Unpause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause",
        abstract: "Let the processes of paused containers go on."
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Argument(help: "Services; all when none is named.", completion: .services)
    var services: [String] = []

    func run() async throws {
        _ = try await project.walk(services, hastening: nil, looksOnly: true) {
            [services] scope, observed in
            try Plan.unpause(scope.project, observed: observed, services: services)
        }
    }
}

/// A signal on the command line.
enum SignalOption {
    /// `KILL`, `SIGKILL`, `9`, `RTMIN+3`.
    /// - Throws: a `Failure` in docker's words for anything else.
    static func number(of text: String) throws(Failure) -> Int32 {
        guard let signal = Signal(text) else { throw Failure("invalid signal: \(text)") }
        return signal.number
    }
}
