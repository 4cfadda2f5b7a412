/// What a shell may put where the cursor is, and how it is to take it.
struct Completions: Equatable {
    struct Candidate: Equatable {
        var word: String
        /// What help says of it.
        var explanation = ""
    }

    /// How the shell goes on; the numbers are those of cobra, the library that docker's own
    /// completion scripts were made with: they understand these answers.
    enum Shell: Int {
        /// Files are completed where there is no candidate.
        case files = 0
        /// The candidates, and nothing else.
        case words = 4
        /// The candidates, with no blank behind them.
        case openWords = 6
        /// Files with one of the candidates as extension, and folders.
        case filesWithExtension = 8
        /// Folders.
        case folders = 16
    }

    var candidates: [Candidate] = []
    var shell = Shell.words

    static let none = Completions()

    static func words(_ words: [String], startingWith prefix: String) -> Completions {
        let fitting = words.filter { $0.hasPrefix(prefix) }
        let isOpen = fitting.contains { $0.hasSuffix("=") }
        return Completions(
            candidates: fitting.map { Candidate(word: $0) },
            shell: isOpen ? .openWords : .words
        )
    }

    /// A candidate a line, its explanation behind a tab, and the shell's number at the end.
    func text(withExplanations: Bool = true) -> String {
        candidates.map { candidate in
            let line = candidate.explanation.split(whereSeparator: \.isNewline)
                .joined(separator: " ")
            return withExplanations && !line.isEmpty
                ? "\(candidate.word)\t\(line)\n" : "\(candidate.word)\n"
        }.joined() + ":\(shell.rawValue)\n"
    }
}
