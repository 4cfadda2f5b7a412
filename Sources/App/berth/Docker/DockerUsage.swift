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
        var code: Int32 = 125
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
            text =
                synopsis.isGroup
                ? "docker: unknown command: \(synopsis.command) \(subject)"
                : "docker: '\(synopsis.command)' \(synopsis.demand)"
            code = 1
        }
        return (text + "\n\n" + synopsis.text, code)
    }
}
