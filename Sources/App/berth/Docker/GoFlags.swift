import ArgumentParser

/// Ways to write flags and options that Go's take and the argument parser does not: `--force=true`,
/// `--human=false`, `-uname`, `-qfdangling=true`, `--name=`, and values that begin with a dash.
enum GoFlags {
    /// The words of a command line in the argument parser's spelling. `--flag=true` becomes `--flag`;
    /// `--flag=false` nothing, or `--no-flag` where the command has that, and takes back what was
    /// said of the flag before; `-uname` becomes `--username=name`, and `--name=` two words, of which one is empty.
    ///
    /// What counts are the flags of the very command that the words name: `-p=true` is a password
    /// to `login` and a flag to `commit`. What follows `--` stays, and so do values, and what follows
    /// the first word of a `PassThroughCommand`, which is another program's.
    static func normalised(
        _ arguments: [String],
        below root: any ParsableCommand.Type
    ) throws -> [String] {
        // Asking a command for its flags takes a while, and most command lines need none of this.
        guard arguments.contains(where: { mayNeed($0, below: root) }) else { return arguments }
        var type = root
        var rest = arguments[...]
        var words: [String] = []
        while let word = rest.first, let next = type.subcommand(named: word) {
            type = next
            words.append(next.configuration.commandName ?? word)
            rest.removeFirst()
        }
        let reference = MissingFlags.command(named: words, below: root)
        var result = Array(arguments[..<rest.startIndex])
        let spellings = try CommandSpellings(of: type)
        let original = (type as? any RenamedCommand.Type)?.original ?? type
        let passesOn = original is any PassThroughCommand.Type
        while let word = rest.popFirst() {
            let isPassedOn = passesOn && !word.hasPrefix("-")
            guard word != "--", !isPassedOn else { return result + [word] + rest }
            if let reference, switchesOff(word, refusedBy: reference) { continue }
            try append(word, spellings, to: &result)
            guard let last = result.last, let option = spellings.options[last],
                let value = rest.popFirst()
            else { continue }
            if value.hasPrefix("-"), value != "-" {
                result[result.count - 1] = "\(option)=\(value)"
            } else {
                result.append(value)
            }
        }
        return result
    }

    /// Whether the word may give a flag one of the values that Go's flags take, or an option none.
    private static func setsFlag(_ word: String) -> Bool {
        guard word.hasPrefix("-"), let sign = word.firstIndex(of: "=") else { return false }
        return word.hasSuffix("=") || truth[String(word[word.index(after: sign)...])] != nil
    }

    /// `--menu=false`: what is not carried out is not asked for.
    private static func switchesOff(
        _ word: String,
        refusedBy command: ReferenceCommand
    ) -> Bool {
        guard word.hasPrefix("--"), let sign = word.firstIndex(of: "=") else { return false }
        return truth[String(word[word.index(after: sign)...])] == false
            && command.refusals[String(word[..<sign])] != nil
    }

    private static func mayNeed(_ word: String, below root: any ParsableCommand.Type) -> Bool {
        guard word.hasPrefix("-") else { return false }
        // Ours come with their values behind `=`: `--file=compose.yaml`.
        if word.hasPrefix("--") { return root == Berth.self ? setsFlag(word) : word.contains("=") }
        let isNumber = word.dropFirst().first?.isNumber ?? false
        return word.count > 2 || isNumber
    }

    private static func append(
        _ word: String,
        _ spellings: CommandSpellings,
        to result: inout [String]
    ) throws {
        guard word.hasPrefix("-"), word != "-" else { return result.append(word) }
        guard !word.hasPrefix("--") else {
            let parts = word.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            // The argument parser would take the next word for the value that is empty.
            if parts.count == 2, parts[1].isEmpty, spellings.options[String(parts[0])] != nil {
                return result += [String(parts[0]), ""]
            }
            guard parts.count == 2, let flag = spellings.flags[String(parts[0])] else {
                return result.append(word)
            }
            return try set(flag, spelled: String(parts[0]), to: parts[1], in: &result)
        }
        var flags: [String] = []
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let name = "-\(letter)"
            if let flag = spellings.flags[name] {
                if letters.first == "=" {
                    result += flags
                    return try set(flag, spelled: name, to: letters.dropFirst(), in: &result)
                }
                flags.append(name)
            } else if let option = spellings.options[name] {
                guard let next = letters.first else { return result += flags + [name] }
                // What Go's flags make of `-o=`: a value that is an equals sign.
                let value = next == "=" && letters.count > 1 ? letters.dropFirst() : letters
                return result += flags + ["\(option)=\(value)"]
            } else {
                // The argument parser says that there is no such flag.
                return result.append(word)
            }
        }
        result += flags
    }

    /// The last of several counts: earlier ones of the same flag are taken out. No value of an
    /// option is among the words that look like it: those are written behind `=`.
    private static func set(
        _ flag: CommandSpellings.Flag,
        spelled name: String,
        to text: Substring,
        in result: inout [String]
    ) throws {
        guard let isOn = truth[String(text)] else {
            let shown = [flag.short, flag.long].compactMap { $0 }.joined(separator: ", ")
            throw Failure(
                usage: "invalid argument \"\(text)\" for \"\(shown)\" flag: "
                    + "strconv.ParseBool: parsing \"\(text)\": invalid syntax"
            )
        }
        let earlier = [flag.short, flag.long, flag.opposite]
        result.removeAll { earlier.contains($0) }
        if isOn { result.append(name) } else if let off = flag.opposite { result.append(off) }
    }

    /// strconv.ParseBool.
    static let truth: [String: Bool] = [
        "1": true, "t": true, "T": true, "true": true, "TRUE": true, "True": true, "0": false,
        "f": false, "F": false, "false": false, "FALSE": false, "False": false,
    ]
}

/// A command whose words are another program's from the second on: the command that `run` and `exec`
/// give a container.
protocol PassThroughCommand: ParsableCommand {
    /// The words from the second on.
    var passedOn: [String] { get set }
}

/// One that calls them `command`.
protocol CommandCarrier: PassThroughCommand {
    var command: [String] { get set }
}

extension CommandCarrier {
    var passedOn: [String] {
        get { command }
        set { command = newValue }
    }
}

extension Exec: CommandCarrier {}
extension Run: CommandCarrier {}
extension ContainerGroup.Create: CommandCarrier {}
extension ContainerGroup.Run: CommandCarrier {}
extension ContainerGroup.Exec: CommandCarrier {}
extension ContainerGroup.Top: PassThroughCommand {
    var passedOn: [String] {
        get { options }
        set { options = newValue }
    }
}
