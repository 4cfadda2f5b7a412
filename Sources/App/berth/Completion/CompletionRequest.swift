import ArgumentParser
import Glibc

/// A command line with a word that is still being written. A shell asks what it may become by
/// `berth __complete WORDS… WORD`, as docker's own scripts ask docker.
struct CompletionRequest {
    /// What stands before the word, without the program.
    private var words: ArraySlice<String>
    /// The word, up to the cursor.
    private let current: String
    private var root: any ParsableCommand.Type

    /// Nobody waits longer for a shell to go on.
    private static let limitSeconds: UInt32 = 3

    /// `arguments` end with the word that is being written, which may be empty.
    init(_ arguments: [String], below root: any ParsableCommand.Type = Berth.self) {
        words = arguments.dropLast()
        current = arguments.last ?? ""
        self.root = root
        if root == Berth.self, words.first == "docker" {
            words.removeFirst()
            self.root = Docker.self
        }
    }

    /// Answers on stdout, if the arguments ask for it, and ends the program with 0: neither an
    /// error nor a question has a place at a shell's prompt.
    static func answerIfAsked(_ arguments: [String], below root: any ParsableCommand.Type) {
        guard let word = arguments.first, ["__complete", "__completeNoDesc"].contains(word) else {
            return
        }
        // A compose file may be a pipe that nobody writes into.
        signal(SIGALRM) { _ in _exit(0) }
        alarm(limitSeconds)
        for number in [STDIN_FILENO, STDERR_FILENO] {
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            dup2(null, number)
        }
        let request = CompletionRequest(Array(arguments.dropFirst()), below: root)
        let completions = request.completions()
        Terminal.write(completions.text(withExplanations: word == "__complete"))
        Glibc.exit(0)
    }

    func completions() -> Completions {
        var request = self
        if root == Docker.self, let answer = request.skipDockersOptions() { return answer }
        return request.root == Berth.self ? request.ofBerth() : request.below(request.root, [])
    }

    /// Goes on behind docker's global options; `compose` leads to our own command line.
    private mutating func skipDockersOptions() -> Completions? {
        while let word = words.first, word.hasPrefix("-") {
            words.removeFirst()
            guard DockerInvocation.valued[word] != nil else { continue }
            guard words.popFirst() != nil else { return Completions(shell: .files) }
        }
        if words.first == "compose" { root = Berth.self }
        return nil
    }

    /// The global options, the command, and what follows it.
    private func ofBerth() -> Completions {
        let parts = LeadingOptions.parts(of: Array(words))
        let chosen = parts.options.map(\.word)
        if let incomplete = parts.incomplete {
            return ofGlobalOption(LeadingOptions.valued[incomplete] ?? "", current, chosen)
        }
        var request = self
        request.words = parts.rest
        guard parts.rest.isEmpty, current.hasPrefix("-") else {
            return request.below(Berth.self, chosen)
        }
        if let sign = current.firstIndex(of: "="),
            let long = LeadingOptions.valued[String(current[..<sign])]
        {
            return ofGlobalOption(long, String(current[current.index(after: sign)...]), chosen)
        }
        // A command that cannot be described has nothing to complete.
        let description = try? CommandDescription(of: ProjectOptions.self)
        var candidates: [Completions.Candidate] = []
        for argument in description?.arguments ?? [] {
            for name in argument.spellings + shortNames(of: argument.long ?? "") {
                candidates.append(.init(word: name, explanation: argument.abstract ?? ""))
            }
        }
        candidates.append(.init(word: "--version", explanation: "Show the version."))
        return Completions(candidates: candidates.filter { $0.word.hasPrefix(current) })
    }

    private func shortNames(of long: String) -> [String] {
        LeadingOptions.valued.keys.filter { $0.count == 2 && LeadingOptions.valued[$0] == long }
    }

    private func ofGlobalOption(
        _ long: String,
        _ prefix: String,
        _ chosen: [String]
    ) -> Completions {
        // Any command that takes them knows what their values may be.
        CommandCompletion(Ps.self, chosen).value(of: long, prefix)
    }

    /// What follows a command, or the commands of a group. `chosen` are the global options.
    private func below(_ type: any ParsableCommand.Type, _ chosen: [String]) -> Completions {
        var type = type
        var rest = words
        let asksForHelp = rest.first == "help"
        if asksForHelp { rest.removeFirst() }
        while let word = rest.first, let next = type.subcommand(named: word) {
            type = next
            rest.removeFirst()
        }
        guard type.configuration.subcommands.isEmpty else {
            // Behind a word that is no command there is nothing to say.
            guard rest.isEmpty else { return .none }
            if current.hasPrefix("-") { return CommandCompletion(type, chosen).options(current) }
            return Self.commands(of: type, startingWith: current)
        }
        if asksForHelp { return .none }
        return CommandCompletion(type, chosen).completions(behind: rest, current)
    }

    private static func commands(
        of type: any ParsableCommand.Type,
        startingWith prefix: String
    ) -> Completions {
        let shown = type.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        var commands = shown.map { command in
            Completions.Candidate(
                word: command.configuration.commandName ?? "",
                explanation: command.configuration.abstract
            )
        }
        if type == Docker.self {
            commands.append(.init(word: "compose", explanation: Berth.configuration.abstract))
        }
        return Completions(candidates: commands.filter { $0.word.hasPrefix(prefix) })
    }
}
