import ArgumentParser
import TextForms

/// A word where a command should stand that is none of ours.
enum UnknownCommand {
    /// Refuses a command line whose command, or the one that `help` is asked about, does not exist.
    /// - Throws: a `Failure` that says whether docker compose has it, or which name is near.
    static func check(_ arguments: [String]) throws {
        var words = arguments[...]
        if words.first == "help" { words.removeFirst() }
        var type: any ParsableCommand.Type = Berth.self
        var path = "berth"
        while let word = words.popFirst(), !word.hasPrefix("-") {
            guard let next = type.subcommand(named: word) else {
                let isGroup = !type.configuration.subcommands.isEmpty
                guard isGroup, word != "help" else { return }
                throw Failure(message(for: word, below: type, calledAs: path))
            }
            type = next
            path += " \(word)"
        }
    }

    private static func message(
        for word: String,
        below type: any ParsableCommand.Type,
        calledAs path: String
    ) -> String {
        if type == Berth.self, word != "*",
            let command = DockerCompose.command(named: word)
        {
            let state = command.refusals[word].map { ": \($0)" } ?? " yet: see `berth --help`"
            return "docker compose has `\(word)`; berth does not\(state)"
        }
        let names = type.configuration.subcommands.compactMap { $0.configuration.commandName }
        let remedy =
            nearest(to: word, among: names).map { "did you mean `\(path) \($0)`?" }
            ?? "see `\(path) --help`"
        return "\(path) has no command `\(word)`; \(remedy)"
    }
}
