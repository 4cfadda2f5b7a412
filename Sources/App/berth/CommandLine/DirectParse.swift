import ArgumentParser

/// The short way from arguments to a command: its type is found by name and parses them alone.
///
/// The parser's own way builds the tree of all commands and asks the runtime about every type in it,
/// which takes longer than most commands run. Where the short way finds anything wrong, or anything
/// but a command to run (help, a version, completions), the long one is taken, and tells it.
enum DirectParse {
    /// The command that the arguments name below `root`; nil where the long way is to be taken.
    static func command(
        _ arguments: [String],
        below root: any ParsableCommand.Type
    ) -> (any ParsableCommand)? {
        var type = root
        var rest = arguments[...]
        while let word = rest.first, let next = type.subcommand(named: word) {
            type = next
            rest.removeFirst()
        }
        // A command under another name is parsed as itself: each layer around options costs as much
        // as all below it.
        let meant = (type as? any RenamedCommand.Type)?.original ?? type
        guard type != root, type.configuration.subcommands.isEmpty else { return nil }
        let line = LongCommandLine(rest, of: meant)
        // `try?`: what is wrong is said by the long way.
        guard let command = try? meant.parsedAlone(Array(line.head)) else { return nil }
        return line.completing(command)
    }
}

extension ParsableCommand {
    fileprivate static func parsedAlone(_ arguments: [String]) throws -> (any ParsableCommand)? {
        try Alone<Self>.parsed(arguments)
    }

    /// The subcommand of a name or an alias; every command has its name written down.
    static func subcommand(named word: String) -> (any ParsableCommand.Type)? {
        func isMeant(_ candidate: any ParsableCommand.Type) -> Bool {
            let configuration = candidate.configuration
            return configuration.commandName == word || configuration.aliases.contains(word)
        }
        if self == Berth.self, let command = Berth.own.first(where: isMeant) { return command }
        return configuration.subcommands.first(where: isMeant)
    }
}

/// A command that is parsed without the tree above it.
///
/// Of a command that stands alone the parser first finds out whether a completion script is asked
/// for, by parsing for two commands of its own. Here that is for the tree to see, which also knows
/// what help and usage call the command; so it is told of the command above in this place only.
private struct Alone<Command: ParsableCommand>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Command.configuration.commandName,
            _superCommandName: "berth",
            helpNames: Command.configuration.helpNames
        )
    }

    @OptionGroup var command: Command

    static func parsed(_ arguments: [String]) throws -> (any ParsableCommand)? {
        (try parseAsRoot(arguments) as? Self)?.command
    }
}
