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
    enum Bake: CommandWord { static let word = "bake" }
    enum Build: CommandWord { static let word = "build" }
    enum Create: CommandWord { static let word = "create" }
    enum Run: CommandWord { static let word = "run" }
    enum Start: CommandWord { static let word = "start" }
    enum Stop: CommandWord { static let word = "stop" }
    enum Restart: CommandWord { static let word = "restart" }
    enum Remove: CommandWord { static let word = "rm" }
    enum Kill: CommandWord { static let word = "kill" }
    enum Pause: CommandWord { static let word = "pause" }
    enum Unpause: CommandWord { static let word = "unpause" }
    enum Rename: CommandWord { static let word = "rename" }
    enum Update: CommandWord { static let word = "update" }
    enum Wait: CommandWord { static let word = "wait" }
    enum Attach: CommandWord { static let word = "attach" }
    enum Exec: CommandWord { static let word = "exec" }
    enum Logs: CommandWord { static let word = "logs" }
    enum Port: CommandWord { static let word = "port" }
    enum Top: CommandWord { static let word = "top" }
    enum Stats: CommandWord { static let word = "stats" }
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
