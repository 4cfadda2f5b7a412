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
            // `try?`: what is wrong is said by the long way.
            let command = try? type.parseAsRoot(Array(rest)),
            Swift.type(of: command) == type
        else { return nil }
        return command
    }
}

extension ParsableCommand {
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

extension CommandConfiguration {
    /// Of a command that is parsed alone and yet is none by itself: whether a completion script is
    /// asked for, which the parser finds out by parsing for two commands of its own first, is then
    /// for the tree to see. Help and usage take what stands above from the tree.
    var belowBerth: CommandConfiguration {
        var configuration = self
        configuration._superCommandName = "berth"
        return configuration
    }
}
