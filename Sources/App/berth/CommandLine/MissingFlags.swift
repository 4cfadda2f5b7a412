import ArgumentParser

/// Flags that a command of docker's or of docker compose's has and ours does not.
enum MissingFlags {
    /// Refuses the first of them by its name. The argument parser would call it unknown and guess
    /// at another one, which may mean the opposite: `--build` for `--no-build`.
    ///
    /// For a command line that the parser did not take; help that is asked for is given.
    static func check(_ arguments: [String], below root: any ParsableCommand.Type) throws {
        var type = root
        var rest = arguments[...]
        var words: [String] = []
        while let word = rest.first, let next = type.subcommand(named: word) {
            type = next
            words.append(next.configuration.commandName ?? word)
            rest.removeFirst()
        }
        guard let command = command(named: words, below: root) else { return }
        let spellings = try CommandSpellings(of: type)
        let original = (type as? any RenamedCommand.Type)?.original ?? type
        var refusal: Failure?
        loop: while let word = rest.popFirst(), word != "--" {
            // What follows the service of `exec` and `run` is another program's.
            guard word.hasPrefix("-") else {
                if original is any PassThroughCommand.Type { break loop }
                continue
            }
            if word == "--help" || word == "-h" && command.flag("-h") == nil { return }
            for flag in flags(in: word, spellings)
            where spellings.flags[flag] == nil && spellings.options[flag] == nil {
                guard command.flag(flag) != nil else { return }
                refusal = refusal ?? Self.refusal(of: flag, of: command)
            }
            if spellings.options[word] != nil { _ = rest.popFirst() }
        }
        if let refusal { throw refusal }
    }

    /// A command of ours by its words: docker's own, or a project's.
    static func command(
        named words: [String],
        below root: any ParsableCommand.Type
    ) -> ReferenceCommand? {
        let ofProject =
            root == Berth.self && words.count == 1 ? DockerCompose.command(named: words[0]) : nil
        return ofProject ?? DockerEngine.command(named: words)
    }

    /// What is told of a word that the parser takes for the name of an image or a container, since
    /// none of the flags of a command of docker's looks like it; nil for one that docker has not.
    static func refusal(of word: String, ofDocker name: String) -> Failure? {
        let flag = word.hasPrefix("--") ? String(word.prefix { $0 != "=" }) : String(word.prefix(2))
        guard let command = DockerEngine.command(named: [name]), command.flag(flag) != nil else {
            return nil
        }
        return refusal(of: flag, of: command)
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

    private static func refusal(of flag: String, of command: ReferenceCommand) -> Failure {
        let subject = "berth does not carry out `\(flag)` of `\(command.name)`"
        let code: Int32 = command.program == .engine ? 125 : 1
        if let reason = command.refusal(of: flag) {
            return Failure("\(subject): \(reason)", exitCode: code)
        }
        let program = command.program == .engine ? "berth docker" : "berth"
        return Failure("\(subject) yet; see `\(program) \(command.name) --help`", exitCode: code)
    }
}
