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

        /// Docker names one, of however many: `CONTAINER [CONTAINER...]`.
        private var single: String {
            isRepeated && name.hasSuffix("S") && !name.hasSuffix("SS")
                ? String(name.dropLast()) : name
        }

        var text: String {
            switch (isOptional, isRepeated) {
            case (false, false): single
            case (false, true): "\(single) [\(single)...]"
            case (true, false): "[\(single)]"
            case (true, true): "[\(single)...]"
            }
        }
    }

    /// How a command is written where the argument parser's line does not say it: what stands behind
    /// it, and how many arguments there have to be at least and at most.
    private struct Form {
        var line: String
        var least: Int
        var most: Int?
    }

    private static let forms: [String: Form] = [
        "build": Form(line: "[OPTIONS] PATH | URL | -", least: 1, most: 1),
        "cp": Form(
            line: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n"
                + "\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
            least: 2,
            most: 2
        ),
        "create": Form(line: "[OPTIONS] IMAGE [COMMAND] [ARG...]", least: 1),
        "exec": Form(line: "[OPTIONS] CONTAINER COMMAND [ARG...]", least: 2),
        "import": Form(line: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]", least: 1),
        "network create": Form(line: "[OPTIONS] NETWORK", least: 1, most: 1),
        "network rm": Form(line: "NETWORK [NETWORK...]", least: 1),
        "run": Form(line: "[OPTIONS] IMAGE [COMMAND] [ARG...]", least: 1),
        "top": Form(line: "CONTAINER [ps OPTIONS]", least: 1),
        "volume create": Form(line: "[OPTIONS] [VOLUME]", least: 0, most: 1),
    ]

    private var form: Form? {
        var words = command.split(separator: " ").dropFirst()
        if ["container", "image"].contains(words.first) { words = words.dropFirst() }
        return Self.forms[words.joined(separator: " ")]
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
        let isRepeated = isOptional && word.hasSuffix("...]")
        return Argument(name: upper, isOptional: isOptional, isRepeated: isRepeated)
    }

    private var line: String {
        if let form { return "\(command) \(form.line)" }
        let parts =
            [command] + (hasOptions ? ["[OPTIONS]"] : []) + (isGroup ? ["COMMAND"] : [])
            + arguments.map(\.text)
        return parts.joined(separator: " ")
    }

    private func whole(_ line: String, _ verb: String) -> String {
        "Usage:  \(line)\n\n\(verb) '\(command) --help' for more information"
    }

    /// What follows on a mistake in a flag.
    var text: String { whole(line, "Run") }

    /// What follows on an unknown command of a group.
    var groupText: String { whole(command, "Run") }

    /// What follows on a wrong number of arguments.
    var demandText: String {
        whole(line, demand.hasPrefix("requires at least") && count.most == nil ? "See" : "Run")
    }

    private var count: (least: Int, most: Int?) {
        if let form { return (form.least, form.most) }
        let least = arguments.count { !$0.isOptional }
        return (least, arguments.contains(where: \.isRepeated) ? nil : arguments.count)
    }

    /// How many arguments there have to be.
    var demand: String {
        let (least, upper) = count
        func words(_ count: Int) -> String { count == 1 ? "1 argument" : "\(count) arguments" }
        guard let most = upper else { return "requires at least \(words(least))" }
        if most == 0 { return "accepts no arguments" }
        if least == most { return "requires \(words(least))" }
        if least == 0 { return "requires at most \(words(most))" }
        return "requires at least \(least) and at most \(words(most))"
    }
}
