import ArgumentParser

/// The short way from arguments to a command: its type is found by name and parses them alone.
///
/// The parser's own way builds the tree of all commands and asks the runtime about every type in it,
/// which takes longer than most commands run. Where the short way finds anything wrong, or anything
/// but a command to run (help, a version, completions), the long one is taken, and tells it.
enum Straight {
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
        guard type != root, type.configuration.subcommands.isEmpty,
            // What is wrong is told by the long way.
            let command = try? type.parseAsRoot(Array(rest)),
            Swift.type(of: command) == type
        else { return nil }
        return command
    }
}

extension ParsableCommand {
    /// The subcommand of a name or an alias; every command has its name written down.
    static func subcommand(named word: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first {
            $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
        }
    }
}
