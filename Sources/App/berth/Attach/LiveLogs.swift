import Compose
import ContainerRuntime
import Engine
import OrderedCollections

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
    /// What there is to say of the end of a container that still is followed.
    private var lastNotes: [ContainerID: String] = [:]
    /// Those of whose end something was said since they were started last.
    private var announced: Set<ContainerID> = []

    /// `names` are those that will probably appear, for the width of the prefix.
    init(engine: Engine, project: String, names: [String], options: LogPrinter.Options) {
        self.engine = engine
        self.project = project
        printer = LogPrinter(
            names: names.map { LogPrefix.name(of: $0, in: project) },
            options: options
        )
    }

    /// Of the services of a project that are `shown`.
    init(of project: Project, shown: [String], _ engine: Engine, _ options: LogPrinter.Options) {
        self.init(
            engine: engine,
            project: project.name,
            names: project.services.values.filter { shown.contains($0.name) }
                .map { $0.containerName ?? "\($0.name)-\(max(1, $0.scale))" },
            options: options
        )
    }

    /// A line of ours about the project: `⦿ Watch enabled`.
    func announce(_ text: String) { printer.announce(text) }

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
            } catch is CancellationError {
                // It runs on; what it writes is not wanted any more.
            } catch {
                Terminal.line("cannot read the log of \(name): \(error)", to: .error)
            }
            ended(id, name: name)
        }
    }

    /// Whether what a container writes is shown now.
    func follows(_ id: ContainerID) -> Bool { readers[id] != nil }

    /// Shows what a container writes from now on that keeps no log, until it has ended.
    func listen(to connection: AttachConnection, _ id: ContainerID, name: String) {
        guard readers[id] == nil else { return connection.close() }
        let short = LogPrefix.name(of: name, in: project)
        // Ends with the container; `finish` waits for it.
        readers[id] = Task {
            var lines = UnloggedLines()
            do {
                while let event = try await withTaskCancellationHandler(
                    operation: { try await connection.next() },
                    onCancel: { connection.close() }
                ) {
                    write(lines.take(event), name: short)
                    if case .exited = event { break }
                }
            } catch {
                // Its keeper is gone, and so is what it would have said.
            }
            write(lines.rest(), name: short)
            connection.close()
            ended(id, name: name)
        }
    }

    /// Follows a container that has just been started. One that is followed still ended and was
    /// started before its log was read up to that end.
    func started(_ id: ContainerID, name: String) {
        sayLast(of: id, name: name)
        announced.remove(id)
        follow(id, name: name)
    }

    /// Says of a container that it ended: once, and after its last words. Nothing of one that was
    /// never shown: its end is not this command's, which puts another one in its place.
    func noteEnd(_ text: String, of id: ContainerID, name: String) {
        guard readers[id] != nil || shown[id] != nil else { return }
        guard announced.insert(id).inserted else { return }
        lastNotes[id] = text
        if readers[id] == nil { sayLast(of: id, name: name) }
    }

    /// Whether it was shown, ended since the command began, and nothing was said of that.
    func lacksEnd(_ id: ContainerID, at time: Timestamp?) -> Bool {
        guard let time, time >= began else { return false }
        return shown[id] != nil && !announced.contains(id)
    }

    /// A line of ours in the stream: `web-1 exited with code 0 (restarting)`.
    func note(_ text: String, name: String) {
        printer.note(text, name: LogPrefix.name(of: name, in: project))
    }

    /// What a hook in a container wrote: `web-1 ->  | migrated`.
    func showHook(_ text: String, name: String) {
        printer.showHook(text, name: LogPrefix.name(of: name, in: project))
    }

    /// Returns when everything that is followed has ended and been shown; `running` goes on, and is
    /// not shown any further.
    func finish(besides running: Set<ContainerID> = []) async {
        for id in running { readers[id]?.cancel() }
        while let reader = readers.values.first { await reader.value }
    }

    private func ended(_ id: ContainerID, name: String) {
        readers[id] = nil
        shown[id] = .now()
        sayLast(of: id, name: name)
    }

    private func sayLast(of id: ContainerID, name: String) {
        guard let text = lastNotes.removeValue(forKey: id) else { return }
        note(text, name: name)
    }

    private func write(_ lines: [LogLine], name: String) {
        printer.write(lines, names: [name])
    }
}
