/// How a command is written, in docker's way: `docker rmi [OPTIONS] IMAGE [IMAGE...]`. Read from the
/// argument parser's line, `Usage: docker rmi [--force] <image> ...`.
struct DockerSynopsis {
    /// `docker rmi`
    private(set) var command: String
    private var hasOptions = false
    private var arguments: [Argument] = []
    /// Whether it only leads to other commands.
    private(set) var isGroup = false

    private struct Argument {
        var name: String
        var isOptional: Bool
        var isRepeated: Bool

        var text: String {
            switch (isOptional, isRepeated) {
            case (false, false): name
            case (false, true): "\(name) [\(name)...]"
            case (true, false): "[\(name)]"
            case (true, true): "[\(name)...]"
            }
        }
    }

    /// The synopsis may take several lines, further ones are indented (`HelpLayout`); `usage` may go
    /// on with others.
    init(_ usage: String) {
        let lines = usage.split(separator: "\n")
        let further = lines.dropFirst().prefix { $0.hasPrefix("   ") }
        let line = (lines.prefix(1) + further).joined(separator: " ")
        let words = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
        let end =
            ["[", "<", "(", "-"].compactMap { words.firstRange(of: " " + $0)?.lowerBound }.min()
            ?? words.endIndex
        command = String(words[..<end])
        var afterOption = false
        for word in Self.words(words[end...]) {
            switch word {
            case "<subcommand>": isGroup = true
            case "...":
                if let last = arguments.indices.last, !afterOption {
                    arguments[last].isRepeated = true
                }
            case _ where word.hasPrefix("[-") || word.hasPrefix("(-") || word == "[<options>]":
                hasOptions = true
            case _ where word.hasPrefix("-"):
                hasOptions = true
                // Its value is the next word.
                afterOption = true
                continue
            case _ where afterOption: break
            default: arguments.append(Self.argument(word))
            }
            afterOption = false
        }
    }

    /// The words of a line; what stands in brackets, or between `<` and `>`, is one.
    static func words(_ line: Substring) -> [Substring] {
        var words: [Substring] = []
        var (start, depth, isName) = (line.startIndex, 0, false)
        for index in line.indices {
            switch line[index] {
            case "<": isName = true
            case ">": isName = false
            case _ where isName: continue
            case "[", "(": depth += 1
            case "]", ")": depth -= 1
            case " " where depth == 0:
                words.append(line[start..<index])
                start = line.index(after: index)
            default: continue
            }
        }
        return (words + [line[start...]]).filter { !$0.isEmpty }
    }

    /// `<image>`, `[<name>]`, `[<services> ...]`
    private static func argument(_ word: Substring) -> Argument {
        let isOptional = word.hasPrefix("[")
        let inner = word.drop { $0 != "<" }.dropFirst()
        let name = inner.prefix { $0 != ">" }
        var upper = ""
        var last: Character = " "
        for character in name {
            // `source-image` is one word to docker; the `-` of `file|url|-` is a file.
            upper += character == "-" && last.isLetter ? "_" : character.uppercased()
            last = character
        }
        return Argument(
            name: upper,
            isOptional: isOptional,
            isRepeated: isOptional && word.hasSuffix("...]")
        )
    }

    var text: String {
        let parts =
            [command] + (hasOptions ? ["[OPTIONS]"] : []) + (isGroup ? ["COMMAND"] : [])
            + arguments.map(\.text)
        return
            "Usage:  \(parts.joined(separator: " "))\n\nRun '\(command) --help' for more information"
    }

    /// How many arguments there have to be.
    var demand: String {
        let least = arguments.count { !$0.isOptional }
        let most = arguments.contains(where: \.isRepeated) ? nil : arguments.count
        func words(_ count: Int) -> String { count == 1 ? "1 argument" : "\(count) arguments" }
        guard let most else { return "requires at least \(words(least))" }
        if most == 0 { return "accepts no arguments" }
        if least == most { return "requires \(words(least))" }
        if least == 0 { return "requires at most \(words(most))" }
        return "requires at least \(least) and at most \(words(most))"
    }
}
