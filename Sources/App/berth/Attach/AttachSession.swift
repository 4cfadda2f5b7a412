import ContainerRuntime
import Engine
import Glibc
import Linux

/// Our standard streams joined with those of a program in a container, until either has ended.
///
/// Where both are terminals ours is raw meanwhile: every key is the program's, but for those that
/// detach, and its size is ours.
struct AttachSession {
    var connection: AttachConnection
    var detachKeys = DetachKeys.standard
    /// Signals that reach us and are meant for the program; others have their usual effect.
    var proxiedSignals: [CInt] = []
    /// A program that was there before us has drawn its prompt for somebody else: a change of size
    /// makes it draw again.
    var redraws = false
    var shown = Shown()
    /// Hears of every size that the program's terminal is given.
    var hearsSize: (@Sendable (TerminalSize) async -> Void)?

    /// Which of the program's streams we pass on; the others are read and let go.
    struct Shown: Equatable, Sendable {
        var output = true
        var error = true
    }

    /// How it ended.
    enum Ending: Equatable, Sendable {
        case exited(Int32)
        /// By the keys that detach.
        case detached
        /// Our input has ended, and the program's does not end with it.
        case inputEnded
        /// We were asked to end again and again, and the program goes on (`Insistence`).
        case givenUp
        /// The keeper has let us go: we were too slow, or it was killed.
        case lost
    }

    /// What docker says, and its exit code, when somebody has detached.
    static let detached = Failure("read escape sequence")
    /// The same when somebody has insisted on the end of a program that does not end.
    static let givenUp = Failure("\ngot \(Insistence.limit) SIGTERM/SIGINTs, forcefully exiting")

    /// The size of the terminal that we are looked at on; nil without one.
    static var size: TerminalSize? {
        Terminal.size(.out).map {
            TerminalSize(rows: UInt16(clamping: $0.rows), columns: UInt16(clamping: $0.columns))
        }
    }

    /// Returns when all that came is passed on, and the terminal is as before.
    /// - Throws: `Failure` when what came cannot be written.
    func run(givesInput: Bool) async throws -> Ending {
        // Not before all is written: a terminal in its usual mode would draw it otherwise.
        defer { RawTerminal.leave() }
        let (ending, pumping) = try await join(givesInput)
        try await pumping.finish()
        return ending
    }

    private var hasTerminals: Bool {
        connection.streams.isTerminal && isatty(STDIN_FILENO) == 1
    }

    /// In a function of its own: when it returns nobody has the far ends of the pipes any more, so
    /// that what they hold is all there is.
    private func join(_ givesInput: Bool) async throws -> (Ending, ExecStreams.Pumping) {
        if givesInput && hasTerminals { try RawTerminal.enter(STDIN_FILENO) }
        let (ends, pumping) = try Self.open(givesInput)
        return (try await exchange(ends, givesInput), pumping)
    }

    /// A function of its own, too: whoever kept the near ends would keep our input from ending.
    private static func open(_ givesInput: Bool) throws -> (ExecStdio, ExecStreams.Pumping) {
        let streams = try ExecStreams(withInput: givesInput)
        return (try streams.farEnds(), try streams.pump())
    }

    private func exchange(_ ends: ExecStdio, _ givesInput: Bool) async throws -> Ending {
        let follows = connection.streams.isTerminal
        // Before any output is shown: who has seen it may send a signal.
        let signals = try Signals.stream(proxiedSignals + (follows ? [SIGWINCH] : []))
        return try await withThrowingTaskGroup(of: Ending?.self) { group in
            group.addTask { try await passOutput(to: ends) }
            if givesInput { group.addTask { try await passInput(from: ends.input) } }
            group.addTask { try await pass(signals) }
            defer {
                group.cancelAll()
                connection.close()
            }
            while let ending = try await group.next() {
                if let ending { return ending }
            }
            return .lost
        }
    }

    private func passOutput(to ends: ExecStdio) async throws -> Ending? {
        while let event = try await connection.next() {
            switch event {
            case .output(let bytes):
                if shown.output { try await Self.write(bytes, to: ends.output) }
            case .error(let bytes):
                if shown.error { try await Self.write(bytes, to: ends.error) }
            case .exited(let code, _): return .exited(code)
            case .attached: break
            }
        }
        return .lost
    }

    /// Who does not want to read more is told nothing, and the program goes on.
    private static func write(_ bytes: [UInt8], to end: SharedFD?) async throws {
        do {
            try await end?.write(bytes)
        } catch let error as SyscallError where error.errno == EPIPE {
            throw Failure(silent: 128 + SIGPIPE)
        }
    }

    /// Nil is input that ends at once, as `/dev/null` does.
    private func passInput(from input: SharedFD?) async throws -> Ending? {
        var filter = hasTerminals ? DetachKeyFilter(detachKeys) : nil
        while let input {
            let typed = try await input.read(upTo: 64 << 10)
            if typed.isEmpty { break }
            let result = filter?.take(typed)
            try await connection.send(.input(result?.passed ?? typed))
            if result?.isDetached == true { return .detached }
        }
        try await connection.send(.input(filter?.finish() ?? []))
        try await connection.send(.closeInput)
        return connection.streams == .pipes(input: .open) ? .inputEnded : nil
    }

    private func pass(_ signals: AsyncStream<CInt>) async throws -> Ending? {
        let follows = connection.streams.isTerminal
        if follows, redraws, var size = Self.size {
            size.rows += 1
            try await tell(size)
            // Two changes at once would be none to a program that looks at its size.
            try await Task.sleep(for: Self.redrawPause)
        }
        if follows { try await tellSize() }
        var insistence = Insistence()
        for await signal in signals {
            if signal == SIGWINCH {
                try await tellSize()
            } else {
                try await connection.send(.signal(signal))
            }
            if signal == SIGHUP, StandardStream.hasLostTerminal {
                throw Failure(silent: 128 + SIGHUP)
            }
            if insistence.isEnough(with: signal) { return .givenUp }
        }
        return nil
    }

    private static let redrawPause = Duration.milliseconds(50)

    private func tellSize() async throws {
        if let size = Self.size { try await tell(size) }
    }

    private func tell(_ size: TerminalSize) async throws {
        try await connection.send(.resize(size))
        await hearsSize?(size)
    }

    /// What writes docker's `resize` for a container.
    static func noting(_ id: ContainerID, _ engine: Engine)
        -> @Sendable (TerminalSize) async -> Void
    {
        { size in
            await engine.note(.resize(rows: Int(size.rows), columns: Int(size.columns)), of: id)
        }
    }
}
