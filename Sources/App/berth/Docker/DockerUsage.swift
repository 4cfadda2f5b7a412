/// The argument parser's complaints in docker's words, with docker's exit codes.
enum DockerUsage {
    /// `message` says what is wrong, `usage` how it is written. 125 for flags and their values, 1
    /// for the number of arguments.
    static func explain(_ message: String, usage: String) -> (text: String, exitCode: Int32) {
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false)
            .map(String.init)
        let subject = quoted.count > 1 ? quoted[1] : ""
        let flag = subject.split(separator: " ").first.map(String.init) ?? subject
        let synopsis = DockerSynopsis(usage)
        var text = message
        let code: Int32 = 125
        if message.hasPrefix("Unknown option") {
            text =
                subject.hasPrefix("--")
                ? "unknown flag: \(subject.prefix { $0 != "=" })"
                : "unknown shorthand flag: '\(subject.dropFirst().prefix(1))' in \(subject)"
        } else if message.hasPrefix("Missing value for") {
            text =
                flag.hasPrefix("--")
                ? "flag needs an argument: \(flag)"
                : "flag needs an argument: '\(flag.dropFirst())' in \(flag)"
        } else if message.hasPrefix("The value"), quoted.count > 3 {
            let option = quoted[3].split(separator: " ").first.map(String.init) ?? quoted[3]
            text = "invalid argument \"\(subject)\" for \"\(option)\" flag"
            if Int(subject) == nil {
                // Numbers are all that docker's image commands want and a text may not be.
                text += ": strconv.ParseInt: parsing \"\(subject)\": invalid syntax"
            }
        } else if message.hasPrefix("Missing expected argument")
            || message.contains("nexpected argument")
        {
            if synopsis.isGroup {
                text = "docker: unknown command: \(synopsis.command) \(subject)"
                return (text + "\n\n" + synopsis.groupText, 1)
            }
            return (number(of: synopsis), 1)
        }
        return (text + "\n\n" + synopsis.text, code)
    }

    /// Docker's words for a wrong number of arguments.
    private static func number(of synopsis: DockerSynopsis) -> String {
        "docker: '\(synopsis.command)' \(synopsis.demand)\n\n\(synopsis.demandText)"
    }

    /// The same where the argument parser took them; `usage` is its line.
    static func tooFew(_ usage: String) -> Failure {
        Failure(number(of: DockerSynopsis(usage)))
    }
}
