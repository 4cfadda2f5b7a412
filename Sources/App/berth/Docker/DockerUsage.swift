/// The argument parser's complaints in docker's words, with docker's exit codes.
enum DockerUsage {
    /// `message` says what is wrong, `usage` how it is written. 125 for flags and their values, 1
    /// for the number of arguments.
    static func explain(_ message: String, usage: String) -> (text: String, exitCode: Int32) {
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false)
            .map(String.init)
        let subject = quoted.count > 1 ? quoted[1] : ""
        let flag = subject.split(separator: " ").first.map(String.init) ?? subject
        let synopsis = Synopsis(usage)
        var text = message
        var code: Int32 = 125
        if message.hasPrefix("Unknown option") {
            text =
                subject.hasPrefix("--")
                ? "unknown flag: \(subject)"
                : "unknown shorthand flag: '\(subject.dropFirst().prefix(1))' in \(subject)"
        } else if message.hasPrefix("Missing value for") {
            text = "flag needs an argument: \(flag)"
        } else if message.hasPrefix("The value"), quoted.count > 3 {
            let option = quoted[3].split(separator: " ").first.map(String.init) ?? quoted[3]
            text = "invalid argument \"\(subject)\" for \"\(option)\" flag"
        } else if message.hasPrefix("Missing expected argument")
            || message.contains("nexpected argument")
        {
            text =
                synopsis.isGroup
                ? "docker: unknown command: \(synopsis.command) \(subject)"
                : "docker: '\(synopsis.command)' \(synopsis.demand)"
            code = 1
        }
        return (text + "\n\n" + synopsis.text, code)
    }

    /// What a command wants, read from the line `Usage: docker rmi [--force] <image> ...`.
    private struct Synopsis {
        /// `docker rmi`
        var command: String
        /// `[--force] <image> ...`
        private var rest: Substring

        init(_ usage: String) {
            let line = usage.split(separator: "\n").first ?? ""
            let words = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
            let end =
                ["[", "<", "("].compactMap { words.firstRange(of: " " + $0)?.lowerBound }.min()
                ?? words.endIndex
            command = String(words[..<end])
            rest = words[end...].drop { $0 == " " }
        }

        var isGroup: Bool { rest == "<subcommand>" }

        var text: String {
            "Usage:  \(command) \(rest)\n\nRun '\(command) --help' for more information"
        }

        /// How many arguments there have to be.
        var demand: String {
            var (required, optional) = (0, 0)
            var (brackets, isName, afterFlag) = (0, false, false)
            for character in rest {
                switch character {
                case ">": isName = false
                case _ where isName: continue
                case "<":
                    isName = true
                    if brackets == 0 { required += 1 } else if !afterFlag { optional += 1 }
                case "[":
                    brackets += 1
                    afterFlag = false
                case "]": brackets -= 1
                case "-": afterFlag = true
                default: continue
                }
            }
            let noun = required == 1 ? "argument" : "arguments"
            if required == 0, optional == 0 { return "accepts no arguments" }
            if rest.hasSuffix("...") { return "requires at least \(required) \(noun)" }
            guard optional == 0 else {
                return required == 0
                    ? "requires at most \(optional) \(optional == 1 ? "argument" : "arguments")"
                    : "requires at least \(required) \(noun)"
            }
            return "requires \(required) \(noun)"
        }
    }
}
