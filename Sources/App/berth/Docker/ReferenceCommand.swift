/// A command of docker's or docker compose's, as its own `--help` lists it, and what berth says of
/// the flags that it does not carry out.
struct ReferenceCommand {
    /// Whose command it is.
    enum Program { case engine, compose }

    var program: Program
    /// Its words: `network create`; `*` stands for the options before any command.
    var name: String
    /// Each with all its spellings, the long one last.
    var flags: [[String]]
    /// Why a flag, or the command (under its own name), is refused for good.
    var refusals: [String: String] = [:]
    /// With which values alone a flag is carried out.
    var limits: [String: String] = [:]

    /// The flag of a spelling.
    func flag(_ spelling: String) -> [String]? { flags.first { $0.contains(spelling) } }

    /// Why the flag of a spelling is refused, where that is for good.
    func refusal(of spelling: String) -> String? {
        (flag(spelling) ?? [spelling]).compactMap { refusals[$0] }.first
    }

    /// Reads a table: a line is a command and its flags; it may begin with `docker`. One that begins with `!` says why berth
    /// refuses a flag, or a command, for good, and one with `~` which values of a flag are carried
    /// out; `*` there means every command that has the flag.
    static func read(_ table: String, of program: Program) -> [ReferenceCommand] {
        let lines = table.split(separator: "\n")
        let notes = lines.compactMap { Note($0) }
        return lines.filter { Note($0) == nil }.map { line in
            var words = line.split(separator: " ").map(String.init)
            if words.first == "docker" { words.removeFirst() }
            let name = words.prefix { !$0.hasPrefix("-") }
            var command = ReferenceCommand(
                program: program,
                name: name.joined(separator: " "),
                flags: words.dropFirst(name.count).map { $0.split(separator: ",").map(String.init) }
            )
            for note in notes { note.apply(to: &command) }
            return command
        }
    }

    /// `! build --squash --memory: the reason`
    private struct Note {
        var isLimit: Bool
        var command: String
        /// None where the whole command is meant.
        var flags: [String]
        var text: String

        init?(_ line: Substring) {
            guard let sign = line.first, sign == "!" || sign == "~" else { return nil }
            isLimit = sign == "~"
            let parts = line.dropFirst().split(separator: ":", maxSplits: 1)
            let words = parts[0].split(separator: " ").map(String.init)
            command = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
            flags = words.filter { $0.hasPrefix("-") }
            text = String(parts[1].drop { $0 == " " })
        }

        func apply(to other: inout ReferenceCommand) {
            guard command == "*" || command == other.name else { return }
            if flags.isEmpty { other.refusals[other.name] = text }
            for flag in flags where other.flag(flag) != nil {
                if isLimit { other.limits[flag] = text } else { other.refusals[flag] = text }
            }
        }
    }
}
