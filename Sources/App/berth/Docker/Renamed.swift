import ArgumentParser

/// A word that another command is called by as well.
protocol CommandWord {
    static var word: String { get }
}

/// A command under another name, whichever it is.
protocol RenamedCommand: ParsableCommand {
    static var original: any ParsableCommand.Type { get }
}

/// The same command under another name, with its own help: `docker images` is `docker image ls`.
struct Renamed<Word: CommandWord, Command: AsyncParsableCommand>: AsyncParsableCommand,
    RenamedCommand
{
    static var original: any ParsableCommand.Type { Command.self }

    static var configuration: CommandConfiguration {
        var configuration = Command.configuration
        configuration.commandName = Word.word
        configuration.aliases = []
        return configuration
    }

    @OptionGroup var command: Command

    mutating func run() async throws { try await command.run() }
}

/// The words of docker that stand for a command of a group.
enum Words {
    enum Build: CommandWord { static let word = "build" }
    enum Commit: CommandWord { static let word = "commit" }
    enum Containers: CommandWord { static let word = "ps" }
    enum Copy: CommandWord { static let word = "cp" }
    enum Diff: CommandWord { static let word = "diff" }
    enum Events: CommandWord { static let word = "events" }
    enum Export: CommandWord { static let word = "export" }
    enum History: CommandWord { static let word = "history" }
    enum Images: CommandWord { static let word = "images" }
    enum Import: CommandWord { static let word = "import" }
    enum Info: CommandWord { static let word = "info" }
    enum Inspect: CommandWord { static let word = "inspect" }
    enum Load: CommandWord { static let word = "load" }
    enum Login: CommandWord { static let word = "login" }
    enum Logout: CommandWord { static let word = "logout" }
    enum Pull: CommandWord { static let word = "pull" }
    enum Push: CommandWord { static let word = "push" }
    enum RemoveImage: CommandWord { static let word = "rmi" }
    enum Save: CommandWord { static let word = "save" }
    enum Search: CommandWord { static let word = "search" }
    enum Tag: CommandWord { static let word = "tag" }
}
