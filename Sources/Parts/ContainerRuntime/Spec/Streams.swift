/// What the standard streams of a program are. compose-spec `tty` and `stdin_open`.
package enum Streams: Hashable, Codable, Sendable {
    /// Two pipes for output and, where input is taken, one for input; else that is empty.
    case pipes(input: Input)
    /// A terminal of the container's own is all three. What is written to it is one stream.
    case terminal(input: Input)

    /// Whether clients may give input.
    package enum Input: String, Hashable, Codable, Sendable {
        case none
        /// It stays open, whoever comes and goes.
        case open
        /// It ends when a client that gives it has no more, or goes (docker's `StdinOnce`). That
        /// of a terminal has no end.
        case once
    }

    /// Whether and for how long clients may give input.
    package var input: Input {
        switch self {
        case .pipes(let input), .terminal(let input): input
        }
    }

    /// Whether they are a terminal.
    package var isTerminal: Bool {
        if case .terminal = self { true } else { false }
    }
}

/// The size of a terminal in characters.
package struct TerminalSize: Hashable, Sendable {
    /// How many lines it shows.
    package var rows: UInt16
    /// How long a line is.
    package var columns: UInt16

    /// A size; where either is 0 nobody knows it.
    package init(rows: UInt16, columns: UInt16) {
        self.rows = rows
        self.columns = columns
    }
}
