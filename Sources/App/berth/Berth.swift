import ArgumentParser
import CLinux
import Compose
import Dispatch
import Glibc
import ImageStore
import Linux

/// The command line. Commands of a project are docker compose's, with the same words.
@main
struct Berth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Brings up compose projects, with its own container runtime and no daemon.",
        usage: "berth [<global options>] <subcommand>",
        discussion: """
            Options that choose the project stand before the command, as with docker compose.
            """,
        version: "berth version \(Version.number)",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(name: "Project", subcommands: project),
            CommandGroup(name: "Look", subcommands: look),
            CommandGroup(name: "Images and registries", subcommands: images),
            CommandGroup(name: "Machine", subcommands: machine),
            CommandGroup(
                name: "Docker's words for images",
                subcommands: [
                    Renamed<Words.History, ImageGroup.History>.self,
                    Renamed<Words.RemoveImage, ImageGroup.Remove>.self,
                    Renamed<Words.Tag, ImageGroup.Tag>.self,
                    Inspect.self,
                    Renamed<Words.Login, RegistryGroup.Login>.self,
                    Renamed<Words.Logout, RegistryGroup.Logout>.self,
                    Renamed<Words.Search, RegistryGroup.Search>.self,
                    Renamed<Words.Save, ImageGroup.Save>.self,
                    Renamed<Words.Load, ImageGroup.Load>.self,
                    Renamed<Words.Import, ImageGroup.Import>.self,
                ]
            ),
            CommandGroup(name: "Internal", subcommands: [Supervise.self]),
        ]
    )

    private static var project: [any ParsableCommand.Type] {
        [
            Up.self, Create.self, Run.self, Down.self, Start.self, Stop.self, Restart.self,
            Kill.self, Pause.self, Unpause.self, Remove.self, Scale.self, Watch.self,
            PlanCommand.self,
        ]
    }
    private static var look: [any ParsableCommand.Type] {
        [
            Ps.self, List.self, Logs.self, Exec.self, Attach.self, Top.self, Port.self, Wait.self,
            VolumesOfProject.self, Events.self, Copy.self, Stats.self, Config.self,
            Graph.self, Why.self,
        ]
    }
    private static var images: [any ParsableCommand.Type] {
        [
            Build.self, Pull.self, Push.self, Publish.self, ImagesOfProject.self, Commit.self,
            Export.self,
            ImageGroup.self, BuilderGroup.self, RegistryGroup.self,
        ]
    }
    private static var machine: [any ParsableCommand.Type] {
        [
            Version.self, Doctor.self, Init.self, ContainerGroup.self, NetworkGroup.self,
            VolumeGroup.self,
            System.self, Docker.self,
            CompletionCommand.self,
        ]
    }

    /// The commands that are no other one's with a new name: those are generic, and to make their
    /// types asks more of the runtime than most commands do.
    static var own: [any ParsableCommand.Type] { look + project + images + machine }

    /// Not `async`: what needs no tasks (`config`, `version`) then needs no threads for them either.
    static func main() {
        CrashHandlers.remove()
        StarterLimits.raise()
        let words = CommandLine.arguments
        // The runtime reads them from /proc, and gives none where it cannot.
        guard !words.isEmpty else {
            Failure(
                "cannot read the command line: there is no /proc here; mount it first "
                    + "(`mount -t proc proc /proc`)"
            ).tell()
            Glibc.exit(1)
        }
        if words.count == 3, words[1] == Programs.unpackerWord { ConfinedUnpacker.run(words[2]) }
        // While there is one thread: later ones take after it.
        let supervises = words.count > 1 && words[1] == Supervise.configuration.commandName
        if supervises { startFromKnownState() }
        // A shell without job control starts `berth logs -f &` deaf to it; docker listens all the same.
        signal(SIGINT, SIG_DFL)
        StandardStream.fillClosed()
        // What the caller left open is not for supervisors and keepers, which live on.
        _ = berth_close_range(3, UInt32.max, UInt32(CLOSE_RANGE_CLOEXEC))
        if supervises, words.count == 3, !words[2].hasPrefix("-") {
            runWithTasks(below: Berth.self, [words[1]]) { try await Supervise.keep(words[2]) }
        }
        let called = CommandLine.arguments.first?.split(separator: "/").last
        var arguments = Array(CommandLine.arguments.dropFirst())
        CompletionRequest.answerIfAsked(
            arguments,
            below: called == "docker" ? Docker.self : Berth.self
        )
        // The argument parser's own scripts know neither services nor options before the command.
        if arguments.first == "--generate-completion-script" { arguments[0] = "completion" }
        if called == "docker" {
            Invocation.$calledAsDocker.withValue(true) { docker(arguments) }
        } else if arguments.first == "docker" {
            Invocation.$calledAsDocker.withValue(true) { docker(Array(arguments.dropFirst())) }
        } else {
            compose(arguments)
        }
    }

    /// Docker's command line, of which `compose …` is ours.
    private static func docker(_ arguments: [String]) {
        do {
            let invocation = try DockerInvocation(
                arguments,
                surroundings: Machine.environment()
            )
            for (name, value) in invocation.environment { setenv(name, value, 1) }
            switch invocation.route {
            case .compose:
                Invocation.$calledAsDocker.withValue(false) {
                    compose(invocation.arguments)
                }
            case .engine: run(invocation.arguments, below: Docker.self)
            }
        } catch {
            let words = arguments.drop { $0.hasPrefix("-") }
            finish(with: error, below: Docker.self, Array(words))
        }
    }

    /// Our own command line, which is docker compose's.
    private static func compose(_ arguments: [String]) {
        let words = LeadingOptions.arguments(arguments)
        do {
            try UnknownCommand.check(Array(LeadingOptions.parts(of: arguments).rest))
            let fitting = try GlobalOptions.fitting(arguments)
            run(try GoFlags.normalised(fitting, below: Berth.self), below: Berth.self)
        } catch {
            finish(with: error, below: Berth.self, words)
        }
    }

    /// Parses, runs, and turns what is thrown into words and an exit code.
    private static func run(_ arguments: [String], below root: any ParsableCommand.Type) {
        do {
            var command = try parse(arguments, below: root)
            guard let asynchronous = command as? any AsyncParsableCommand else {
                let again = command
                do { return try command.run() } catch let error as ComposeError
                    where !error.missingArtifacts.isEmpty
                {
                    runWithTasks(below: root, arguments) {
                        try await ArtifactCache.serving {
                            var command = again
                            try command.run()
                        }
                    }
                }
            }
            runWithTasks(below: root, arguments) {
                try await ArtifactCache.serving {
                    var command = asynchronous
                    try await command.run()
                }
            }
        } catch {
            finish(with: error, below: root, arguments)
        }
    }

    private static func parse(
        _ arguments: [String],
        below root: any ParsableCommand.Type
    ) throws -> any ParsableCommand {
        if let command = DirectParse.command(arguments, below: root) {
            try GlobalOptions.checkVariables(for: command, environment: Machine.environment())
            return command
        }
        try MissingFlags.check(arguments, below: root)
        return try root.parseAsRoot(arguments)
    }

    /// Lets the command run on the pool's threads; this one serves the main queue until the end.
    private static func runWithTasks(
        below root: any ParsableCommand.Type,
        _ arguments: [String],
        _ work: sending @escaping () async throws -> Void
    ) -> Never {
        // Nobody cancels it: the process ends with it.
        Task {
            do {
                try await work()
            } catch {
                finish(with: error, below: root, arguments)
            }
            Glibc.exit(0)
        }
        dispatchMain()
    }

    /// Help goes to stdout with 0; everything else to stderr with 1, or the code it carries.
    private static func finish(
        with error: any Error,
        below root: any ParsableCommand.Type,
        _ arguments: [String]
    ) -> Never {
        Progress.leave()
        if let failure = Failure(error) {
            failure.tell()
            if failure.isUsageError, Invocation.calledAsDocker {
                let usage = HelpText.usage(of: arguments, below: root)
                Terminal.line("\n" + DockerSynopsis(usage).text, to: .error)
            }
            Glibc.exit(failure.exitCode)
        }
        if root.exitCode(for: error).isSuccess {
            Terminal.line(HelpText.told(root.message(for: error), below: root), to: .out)
            Glibc.exit(0)
        }
        let whole = TerminalEscaping.lines(
            HelpText.told(root.fullMessage(for: error), below: root)
        )
        guard Invocation.calledAsDocker else {
            Terminal.line(whole, to: .error)
            Glibc.exit(1)
        }
        let (text, code) = DockerUsage.explain(
            TerminalEscaping.lines(root.message(for: error)),
            usage: whole.firstRange(of: "Usage:").map { String(whole[$0.lowerBound...]) } ?? ""
        )
        Terminal.line(text, to: .error)
        Glibc.exit(code)
    }
}
