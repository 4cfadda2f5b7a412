import ContainerRuntime
import Engine

/// The logs of containers as they are written, merged as they arrive, while containers come and go.
///
/// An actor since lines of many readers go through one printer.
actor LiveLogs {
    private let engine: Engine
    private let project: String
    /// When the command began: nothing older is shown.
    private let began = Timestamp.now()
    /// Up to when the log of a container that ended has been shown.
    private var shown: [ContainerID: Timestamp] = [:]
    private var readers: [ContainerID: Task<Void, Never>] = [:]
    private var printer: LogPrinter

    /// `names` are those that will probably appear, for the width of the prefix.
    init(engine: Engine, project: String, names: [String], options: LogPrinter.Options) {
        self.engine = engine
        self.project = project
        printer = LogPrinter(
            names: names.map { LogPrefix.name(of: $0, in: project) },
            options: options
        )
    }

    /// Shows what a running container has written since the command began, or since it was shown
    /// last, until it has ended for good. One that is followed already is left alone.
    func follow(_ id: ContainerID, name: String) {
        guard readers[id] == nil else { return }
        var selection = LogSelection()
        selection.since = shown[id] ?? began
        selection.follow = .whileRunning
        let wanted = selection
        let short = LogPrefix.name(of: name, in: project)
        // Ends with the container; `finish` waits for it.
        readers[id] = Task {
            do {
                try await engine.readLogs(of: [id], wanted) { @Sendable lines in
                    await self.write(lines, name: short)
                }
            } catch {
                Terminal.line("cannot read the log of \(name): \(error)", to: .error)
            }
            ended(id)
        }
    }

    /// A line of ours in the stream: `web-1  | exited with code 0`.
    func note(_ text: String, name: String) {
        printer.note(text, name: LogPrefix.name(of: name, in: project))
    }

    /// Returns when everything that is followed has ended and been shown.
    func finish() async {
        while let reader = readers.values.first { await reader.value }
    }

    /// Stops showing, though containers go on.
    func leave() {
        for reader in readers.values { reader.cancel() }
    }

    private func ended(_ id: ContainerID) {
        readers[id] = nil
        shown[id] = .now()
    }

    private func write(_ lines: [LogLine], name: String) {
        printer.write(lines, names: [name])
    }
}
