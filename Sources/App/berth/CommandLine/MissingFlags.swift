import ArgumentParser

/// Flags that a command of docker compose has and ours does not.
enum MissingFlags {
    /// Refuses the first of them by its name. The argument parser would call it unknown and guess
    /// at another one, which may mean the opposite: `--build` for `--no-build`.
    ///
    /// For a command line that the parser did not take; help that is asked for is given.
    static func check(_ arguments: [String]) throws {
        guard let word = arguments.first, let type = Berth.subcommand(named: word),
            let name = type.configuration.commandName,
            let command = DockerCompose.command(named: name)
        else { return }
        var rest = arguments.dropFirst()
        let spellings = try CommandSpellings(of: type)
        var refusal: Failure?
        loop: while let word = rest.popFirst(), word != "--" {
            // What follows the service of `exec` and `run` is another program's.
            guard word.hasPrefix("-") else {
                if type is any PassThroughCommand.Type { break loop }
                continue
            }
            if ["--help", "-h"].contains(word) { return }
            for flag in flags(in: word, spellings)
            where spellings.flags[flag] == nil && spellings.options[flag] == nil {
                guard let names = command.flag(flag) else { return }
                refusal = refusal ?? Self.refusal(of: flag, known: names, to: command)
            }
            if spellings.options[word] != nil { _ = rest.popFirst() }
        }
        if let refusal { throw refusal }
    }

    /// The spellings that a word consists of: `--scale=web=2` is one, `-dq` two.
    private static func flags(in word: String, _ spellings: CommandSpellings) -> [String] {
        guard !word.hasPrefix("--") else { return [String(word.prefix { $0 != "=" })] }
        var names: [String] = []
        for letter in word.dropFirst().prefix(while: { $0 != "=" }) {
            names.append("-\(letter)")
            // What follows an option is its value.
            guard spellings.flags["-\(letter)"] != nil else { break }
        }
        return names
    }

    private static func refusal(
        of flag: String,
        known names: [String],
        to command: DockerCompose.Command
    ) -> Failure {
        let subject = "berth does not carry out `\(flag)` of `\(command.name)`"
        if let reason = names.compactMap({ command.refusals[$0] }).first {
            return Failure("\(subject): \(reason)")
        }
        return Failure("\(subject) yet; see `berth \(command.name) --help`")
    }
}
