import Glibc

/// The question before something is removed for good.
enum Confirmation {
    /// Asks on stdout and reads one line; only `y` and `yes` are a yes, the end of the input is not.
    static func ask(
        _ warning: String,
        _ question: String = "Are you sure you want to continue?"
    ) -> Bool {
        ask(line: "\(warning)\n\(question)")
    }

    /// Asks what stands there.
    static func ask(line question: String) -> Bool {
        let question = "\(question) [y/N] "
        Terminal.write(Array(question.utf8), to: .out)
        let answer = readLine(strippingNewline: true)?.lowercased()
        if answer == nil { Terminal.write(Array("\n".utf8), to: .out) }
        return answer == "y" || answer == "yes"
    }
}
