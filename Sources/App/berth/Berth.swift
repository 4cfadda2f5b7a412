import ArgumentParser
import CLinux
import Glibc

/// The command line. Commands of a project are docker compose's, with the same words.
@main
struct Berth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Brings up compose projects, with its own container runtime and no daemon.",
        discussion: """
            Options that choose the project stand before the command, as with docker compose: \
            -f FILE, -p NAME, --project-directory DIR, --env-file FILE, --profile NAME.
            """,
        version: "berth version \(Version.number)",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Project",
                subcommands: [
                    Up.self, Down.self, Start.self, Stop.self, Restart.self, PlanCommand.self,
                ]
            ),
            CommandGroup(name: "Look", subcommands: [Ps.self, Logs.self, Exec.self, Config.self]),
            CommandGroup(name: "Images", subcommands: [Build.self, Pull.self]),
            CommandGroup(
                name: "Machine",
                subcommands: [Version.self, Doctor.self, System.self]
            ),
            CommandGroup(name: "Internal", subcommands: [Supervise.self]),
        ]
    )

    static func main() async {
        // What the caller left open is not for supervisors and keepers, which live on.
        _ = berth_close_range(3, UInt32.max, UInt32(CLOSE_RANGE_CLOEXEC))
        await main(Hoist.arguments(Array(CommandLine.arguments.dropFirst())))
    }

    /// Parses, runs, and turns what is thrown into words and an exit code.
    static func main(_ arguments: [String]?) async {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            finish(with: error)
        }
    }

    /// Help goes to stdout with 0; everything else to stderr with 1, or the code it carries.
    private static func finish(with error: any Error) -> Never {
        if let failure = Failure(error) {
            for line in failure.lines { Terminal.line(line, to: .error) }
            Glibc.exit(failure.exitCode)
        }
        let isHelp = exitCode(for: error).isSuccess
        let text = isHelp ? message(for: error) : fullMessage(for: error)
        Terminal.line(text, to: isHelp ? .out : .error)
        Glibc.exit(isHelp ? 0 : 1)
    }
}
