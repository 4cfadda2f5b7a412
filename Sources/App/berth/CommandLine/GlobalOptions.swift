import ArgumentParser
import Glibc

/// A command of a project: it takes the options that choose one.
protocol ProjectCommand: ParsableCommand {
    var project: ProjectOptions { get }
}

extension Attach: ProjectCommand {}
extension Build: ProjectCommand {}
extension Commit: ProjectCommand {}
extension Config: ProjectCommand {}
extension Copy: ProjectCommand {}
extension Create: ProjectCommand {}
extension Down: ProjectCommand {}
extension Events: ProjectCommand {}
extension Exec: ProjectCommand {}
extension Export: ProjectCommand {}
extension Graph: ProjectCommand {}
extension ImagesOfProject: ProjectCommand {}
extension Kill: ProjectCommand {}
extension Logs: ProjectCommand {}
extension Pause: ProjectCommand {}
extension PlanCommand: ProjectCommand {}
extension Port: ProjectCommand {}
extension Ps: ProjectCommand {}
extension Scale: ProjectCommand {}
extension Publish: ProjectCommand {}
extension Pull: ProjectCommand {}
extension Push: ProjectCommand {}
extension Remove: ProjectCommand {}
extension Restart: ProjectCommand {}
extension Run: ProjectCommand {}
extension Start: ProjectCommand {}
extension Stats: ProjectCommand {}
extension Stop: ProjectCommand {}
extension Top: ProjectCommand {}
extension Unpause: ProjectCommand {}
extension Up: ProjectCommand {}
extension VolumesOfProject: ProjectCommand {}
extension Wait: ProjectCommand {}
extension Watch: ProjectCommand {}
extension Why: ProjectCommand {}

/// A command that is no project's and changes nothing: `--dry-run` makes no difference to it.
protocol LookingCommand: ParsableCommand {}

extension CompletionCommand: LookingCommand {}
extension ContainerGroup.Diff: LookingCommand {}
extension ContainerGroup.Inspect: LookingCommand {}
extension ContainerGroup.List: LookingCommand {}
extension DockerVersion: LookingCommand {}
extension Doctor: LookingCommand {}
extension ImageGroup.History: LookingCommand {}
extension ImageGroup.Inspect: LookingCommand {}
extension ImageGroup.List: LookingCommand {}
extension Inspect: LookingCommand {}
extension List: LookingCommand {}
extension NetworkGroup.Inspect: LookingCommand {}
extension NetworkGroup.List: LookingCommand {}
extension RegistryGroup.Search: LookingCommand {}
extension System.Check: LookingCommand {}
extension System.DiskUse: LookingCommand {}
extension System.Events: LookingCommand {}
extension System.Info: LookingCommand {}
extension Version: LookingCommand {}
extension VolumeGroup.Inspect: LookingCommand {}
extension VolumeGroup.List: LookingCommand {}

/// What becomes of the options that stand before a command which is no project's.
enum GlobalOptions {
    /// docker compose takes every global option before these, and does nothing with it.
    private static let indifferent: Set<String> = ["completion", "help", "ls", "version"]

    /// How output looks concerns every command; those without the option read the variable.
    private static let ofOutput = [
        "--ansi": "COMPOSE_ANSI", "--progress": "COMPOSE_PROGRESS",
        "--parallel": "COMPOSE_PARALLEL_LIMIT",
    ]

    /// Refuses a variable about output whose value cannot be meant, whether or not the command shows
    /// anything of it; a flag beats its variable.
    static func checkVariables(
        for command: any ParsableCommand,
        environment: [String: String]
    ) throws(Failure) {
        if let command = command as? any ProjectCommand {
            _ = try command.project.outputSettings(in: environment)
        } else if command is List {
            _ = try OutputSettings(environment: environment)
        }
    }

    private static func looks(
        _ type: any ParsableCommand.Type,
        _ words: ArraySlice<String>
    ) -> Bool {
        if !type.configuration.subcommands.isEmpty { return true }
        if type is System.Check.Type, words.contains("--repair") { return false }
        let original = (type as? any RenamedCommand.Type)?.original ?? type
        return original is any LookingCommand.Type
    }

    /// The command line with those global options behind the command that it takes.
    /// - Throws: a `Failure` for an option without its value, and for one that would choose a
    ///   project for a command that has none: whoever writes `-p shop system prune` expects that
    ///   only the project is pruned.
    static func fitting(_ arguments: [String]) throws -> [String] {
        let parts = LeadingOptions.parts(of: arguments)
        if let option = parts.incomplete {
            let name = option.hasPrefix("--") ? option : "'\(option.dropFirst())' in \(option)"
            throw Failure("flag needs an argument: \(name); see `berth --help`")
        }
        let words = LeadingOptions.joined(parts.options.map(\.word), parts)
        guard !parts.options.isEmpty else { return words }
        var type: any ParsableCommand.Type = Berth.self
        var path = "berth"
        for word in parts.rest {
            guard let next = type.subcommand(named: word) else { break }
            type = next
            path += " \(word)"
        }
        guard !(type is any ProjectCommand.Type) else { return words }
        let spellings = try CommandSpellings(of: type)
        let isIndifferent =
            type == Berth.self || indifferent.contains(parts.rest.first ?? "help")
        var kept: [String] = []
        for option in parts.options {
            let pair = option.word.split(separator: "=", maxSplits: 1).map(String.init)
            if spellings.options[pair[0]] != nil || spellings.flags[pair[0]] != nil {
                kept.append(option.word)
            } else if option.word == "--dry-run" {
                // Without a plan of its own, what only looks does it, and nothing else may.
                guard isIndifferent || looks(type, parts.rest) else {
                    throw Failure(
                        "`\(path)` cannot show what it would do; leave \(option.typed) out to do it"
                    )
                }
            } else if let variable = ofOutput[pair[0]] {
                setenv(variable, pair.count > 1 ? pair[1] : "", 1)
            } else if !isIndifferent {
                throw Failure(
                    "\(option.typed) is for commands of a project, and `\(path)` is not one; "
                        + "leave it out"
                )
            }
        }
        return LeadingOptions.joined(kept, parts)
    }
}
