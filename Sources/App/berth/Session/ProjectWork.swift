import Compose
import ContainerNetwork
import Engine
import Glibc
import Linux
import Reconciler
import Supervisor
import Synchronization
import SystemPackage

/// One command's work on one project: its lock, its supervisor, its progress.
struct ProjectWork: Sendable {
    let name: String
    let session: Session
    let client: SupervisorClient
    let progress: Progress
    let convergence: Convergence

    /// `parallel` bounds how many steps are at work at the same time.
    init(
        on name: String,
        of project: Project?,
        session: Session,
        progress: Progress,
        parallel: Int? = nil,
        builds: ProjectImages.BuildOptions = .init()
    ) throws {
        self.name = name
        self.session = session
        self.progress = progress
        client = SupervisorClient(
            project: name,
            layout: session.layout,
            command: try Programs.supervisor(),
            notice: { progress.warn($0) }
        )
        let images = ProjectImages(
            session: session,
            progress: progress,
            project: project,
            options: builds
        )
        convergence = Convergence(
            of: name,
            engine: session.engine,
            supervisor: client,
            images: images.source,
            providers: Providers(project: project, name: name, progress: progress).source,
            limit: parallel
        )
    }

    /// Runs `body` while no other command changes the project, with what a crash left repaired.
    ///
    /// `hastening` is for a command that stops containers: those that the other command stops already
    /// need not have longer than this one gives them. `mending` is that of `Engine.recover`.
    func alone<R>(
        hastening: Hastening? = nil,
        mending: Bool = true,
        _ body: () async throws -> R
    ) async throws -> R {
        let progress = progress
        let name = name
        let work = self
        let haste = Mutex<Task<Void, Never>?>(nil)
        // Cancelled here, when the other command is done.
        defer { haste.withLock { $0?.cancel() } }
        let lock = try await session.engine.convergenceLock(ofProject: name) {
            progress.note("waiting for another command on project \(name)")
            guard let hastening else { return }
            haste.withLock { $0 = Task { await hastening.hasten(work) } }
        }
        haste.withLock { $0?.cancel() }
        defer { withExtendedLifetime(lock) {} }
        let file = lockFile
        let recovery = try await session.recover(mending: mending)
        for words in recovery.mended { progress.warn("repaired \(words)") }
        for words in recovery.lasting { progress.warn(words) }
        try await session.ensureSupervised(
            name,
            session.engine.containers(ofProject: name)
        )
        do {
            let result = try await body()
            try Task.checkCancellation()
            try await warnOfObstacles()
            try await forgetIfNothing(locking: file)
            return result
        } catch {
            try await clearAway(after: error, locking: file)
            throw error
        }
    }

    /// After a failure; after an interruption also what steps that were cancelled have left.
    private func clearAway(after error: any Error, locking file: ino_t?) async throws {
        let isCancelled = Task.isCancelled
        // A task of its own, since a cancelled one cannot even look.
        try await Task {
            if isCancelled { try await session.recover() }
            try await forgetIfNothing(locking: file)
        }.value
    }

    /// Firewalls of others that let nothing of ours through, and what to do about them.
    private func warnOfObstacles() async throws {
        guard try await !session.engine.networks().isEmpty else { return }
        for obstacle in try await session.engine.forwardingObstacles() {
            progress.warn("\(obstacle)")
        }
    }

    /// Removes the lock file of a project that has nothing on this machine.
    ///
    /// A `down` that took everything away has taken the locks with it: what stands in their place
    /// then is the next command's, which may not have written down its project yet.
    private func forgetIfNothing(locking file: ino_t?) async throws {
        guard let file, file == lockFile, await !client.hasLeftForGood else { return }
        guard try await session.engine.project(named: name) == nil else { return }
        try await client.close()
        try await session.engine.forgetProject(named: name)
    }

    /// The file at the place of the project's lock; as long as the lock is held, its number is not
    /// given to another.
    private var lockFile: ino_t? {
        var status = stat()
        return stat(session.layout.convergenceLock(name).string, &status) == 0 ? status.st_ino : nil
    }

    /// Ends the connection to the supervisor, which ends when it has nothing to keep.
    func close() async throws { try await client.close() }

    /// Shows what a convergence does.
    var report: @Sendable (ConvergenceEvent) -> Void {
        let report = StepReport(progress: progress)
        return { report.show($0) }
    }
}
