import ArgumentParser

/// The script that makes a shell complete command lines of berth.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the script that lets a shell complete berth's command lines.",
        discussion: """
            `make install` puts the scripts where the shells look for them. By hand, in bash: \
            source <(berth completion bash)
            """
    )

    @Argument(
        help: "bash, zsh or fish.",
        completion: .list(CompletionScript.allCases.map(\.rawValue))
    )
    var shell: String

    func validate() throws {
        guard CompletionScript(rawValue: shell) != nil else {
            throw ValidationError("there is a script for bash, zsh and fish, not for \(shell)")
        }
    }

    func run() throws {
        Terminal.write(CompletionScript(rawValue: shell)?.text ?? "")
    }
}
