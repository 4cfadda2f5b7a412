import ArgumentParser

/// A command line with very many words for another program. To the argument parser each word costs as
/// much as all that follow it: a hundred thousand would take minutes. Here it reads the first of
/// them alone, and the others are put behind.
struct LongCommandLine {
    /// What the parser reads.
    let head: ArraySlice<String>
    private let tail: ArraySlice<String>

    /// Fewer words are not worth asking the command for its flags.
    private static let longLine = 200

    /// `words` is what stands behind the name of the command.
    init(_ words: ArraySlice<String>, of type: any ParsableCommand.Type) {
        guard words.count > Self.longLine, type is any PassThroughCommand.Type,
            // `try?`: a command that does not say which flags it has is parsed whole.
            let spellings = try? CommandSpellings(of: type),
            let first = Self.firstWord(of: words, spellings)
        else {
            head = words
            tail = []
            return
        }
        // The one that is named, and one word for it.
        let end = min(first + 2, words.endIndex)
        head = words[..<end]
        tail = words[end...]
    }

    /// The index of the first that is neither a flag nor the value of an option; nil where that is not
    /// clear.
    private static func firstWord(
        of words: ArraySlice<String>,
        _ spellings: CommandSpellings
    ) -> Int? {
        var index = words.startIndex
        while index < words.endIndex {
            let word = words[index]
            guard word.hasPrefix("-"), word != "-" else { return index }
            let name = String(word.prefix { $0 != "=" })
            let isOption = spellings.options[name] != nil
            guard isOption || spellings.flags[name] != nil else { return nil }
            index += isOption && name == word ? 2 : 1
        }
        return nil
    }

    /// The command with all its words.
    func completing(_ command: any ParsableCommand) -> any ParsableCommand {
        guard !tail.isEmpty, var command = command as? any PassThroughCommand else {
            return command
        }
        command.passedOn += tail
        return command
    }
}
