import ArgumentParser
import Glibc
import TextForms

/// What the argument parser says of commands, with the names that they are called by.
enum HelpText {
    /// What the argument parser says, in our words and laid out for the width.
    static func told(_ text: String, below root: any ParsableCommand.Type) -> String {
        let columns = width
        let named = mended(withoutFarGuess(text), below: root)
        // Berth itself takes no options; those that stand before its commands are theirs.
        guard named.hasPrefix("OVERVIEW: "),
            named.contains("\n\nUSAGE: \(Berth.configuration.usage ?? "")\n")
        else { return HelpLayout.arranged(named, columns: columns) }
        let options = HelpLayout.globalOptions(columns: columns)
        return HelpLayout.arranged(named + "\n\n" + options, columns: columns)
    }

    /// The argument parser guesses at options that have little to do with what was typed: `--file` for
    /// `--foo`. Its guess stays where it is as near as those of every other message.
    static func withoutFarGuess(_ text: String) -> String {
        let start = "Unknown option '"
        let middle = "'. Did you mean '"
        guard let first = text.firstRange(of: start), let guess = text.firstRange(of: middle),
            let end = text[guess.upperBound...].firstRange(of: "'?")
        else { return text }
        let words = [first.upperBound..<guess.lowerBound, guess.upperBound..<end.lowerBound].map {
            String(text[$0].drop { $0 == "-" }.prefix { $0 != "=" })
        }
        guard nearest(to: words[0], among: [words[1]]) == nil else { return text }
        return text[..<guess.lowerBound] + "'." + text[end.upperBound...]
    }

    /// The columns that the argument parser writes for, too.
    private static var width: Int {
        let wanted = getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.flatMap {
            $0 > 0 ? $0 : nil
        }
        return wanted ?? Terminal.size(.out)?.columns ?? 80
    }

    /// The argument parser takes a command within a command for one more step of the path, and
    /// writes `docker ls images` or `berth login login` into its help.
    static func mended(_ text: String, below root: any ParsableCommand.Type) -> String {
        let above = (root.configuration.commandName ?? "") + " "
        return root.configuration.subcommands.compactMap { $0 as? any RenamedCommand.Type }
            .reduce(text) { text, type in
                let word = type.configuration.commandName ?? ""
                let names = [word, type.original.configuration.commandName ?? ""]
                return text.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { mended($0, above, names, word) }.joined(separator: "\n")
            }
    }

    /// Puts `word` where several of `names` stand behind `above`.
    private static func mended(
        _ line: Substring,
        _ above: String,
        _ names: [String],
        _ word: String
    ) -> String {
        var result = ""
        var rest = line
        while let range = rest.firstRange(of: above) {
            result += rest[..<range.upperBound]
            rest = rest[range.upperBound...]
            var end = rest.startIndex
            var steps = 0
            while let name = names.first(where: { isWord($0, at: end, of: rest) }) {
                end = rest.index(end, offsetBy: name.count)
                steps += 1
                guard end < rest.endIndex, rest[end] == " " else { break }
                let next = rest.index(after: end)
                guard names.contains(where: { isWord($0, at: next, of: rest) }) else { break }
                end = next
            }
            guard steps > 1 else { continue }
            result += word
            rest = rest[end...]
        }
        return result + rest
    }

    private static func isWord(_ name: String, at index: Substring.Index, of line: Substring)
        -> Bool
    {
        let tail = line[index...]
        guard tail.hasPrefix(name) else { return false }
        let next = tail.dropFirst(name.count).first
        return next.map { !$0.isLetter && $0 != "-" } ?? true
    }

    /// `Usage: docker rmi [--force] <image> ...`, for the command that the words name.
    static func usage(of arguments: [String], below root: any ParsableCommand.Type) -> String {
        var type = root
        var path = [root.configuration.commandName ?? ""]
        for word in arguments {
            guard let next = type.subcommand(named: word) else { break }
            type = next
            path.append(next.configuration.commandName ?? "")
        }
        if let usage = type.configuration.usage { return "Usage: \(usage)" }
        // Asked alone, a command begins with its own name.
        let own = type.usageString().drop { $0 != " " }
        return "Usage: \(path.joined(separator: " "))\(own)"
    }
}
