import Compose
import ContainerRuntime
import Engine
import Glibc
import Linux
import OCI
import OrderedCollections
import Reconciler

/// Does what `develop.watch` says when files change, in docker compose's words, until it is cancelled.
struct ProjectWatching: Sendable {
    let project: Project
    let plan: WatchPlan
    let session: Session
    /// What is needed to change the project, anew for each time.
    let makeWork: @Sendable () throws -> ProjectWork
    /// Images that a rebuild leaves without a name are removed.
    let prunes: Bool
    /// Reads the project and its rules again.
    let again: @Sendable () throws -> ProjectWatching
    /// Says one line about what happens.
    let say: @Sendable (String) async -> Void

    /// How long nothing more is to happen before something is done.
    private static let quiet = Duration.milliseconds(100)

    /// Begins to watch. What changes from then on is not lost.
    func begin() async throws -> TreeWatch {
        for path in plan.mounted {
            Progress.message(
                "warning: path '\(path)' also declared by a bind mount volume, this path won't be "
                    + "monitored!"
            )
        }
        let plan = plan
        let tree: TreeWatch
        do {
            tree = try TreeWatch(plan.paths + plan.sources) { plan.skips($0) }
            try await tree.begin()
        } catch {
            throw Self.failure(error)
        }
        for path in await tree.unreadable.sorted() {
            Progress.message("warning: \(path) cannot be read and is not watched")
        }
        return tree
    }

    private static func failure(_ error: SyscallError) -> Failure {
        let parameter: (name: String, what: String, value: String)
        switch error.errno {
        case ENOSPC: parameter = ("max_user_watches", "folders", "524288")
        case EMFILE: parameter = ("max_user_instances", "programs that do this", "1024")
        default: return Failure("cannot watch: \(error)")
        }
        return Failure(
            "cannot watch \(error.subject): the kernel watches no more \(parameter.what) for this "
                + "user; raise that with "
                + "`sysctl -w fs.inotify.\(parameter.name)=\(parameter.value)`, or leave out large "
                + "folders with \"ignore\" or a .dockerignore"
        )
    }

    /// Does what follows from changes. What fails is told, and the next change is waited for.
    func follow(_ tree: TreeWatch) async throws {
        try await telling { try await copyAtFirst(project.services.keys) }
        await say("Watch enabled")
        var (watching, tree) = (self, tree)
        while true {
            var paths: Set<String>
            do {
                paths = try await tree.changes(quiet: Self.quiet)
                for path in await tree.takeStrange().sorted() {
                    Progress.message("warning: \(path): its name is not UTF-8; it is not copied")
                }
                if let next = try await watching.afresh(paths) {
                    paths.formUnion(try await tree.changesSoFar())
                    (watching, tree) = next
                }
            } catch let error as SyscallError {
                throw Self.failure(error)
            }
            let batch = WatchBatch(paths, watching.plan.triggers)
            guard !batch.isEmpty else { continue }
            let current = watching
            try await telling { try await current.carryOut(batch) }
        }
    }

    /// The rules as they are by now, where a file changed that they come of; nil where nothing follows.
    /// One that cannot be read leaves all as it was.
    private func afresh(_ paths: Set<String>) async throws -> (ProjectWatching, TreeWatch)? {
        guard let changed = plan.sources.first(where: paths.contains) else { return nil }
        do {
            let next = try again()
            guard next.plan != plan || next.project != project else { return nil }
            let tree = try await next.begin()
            await say(
                "\(changed) has changed: its rules are those of now, `berth up` does the rest"
            )
            try await next.telling { try await next.copyAtFirst(next.project.services.keys) }
            return (next, tree)
        } catch {
            try Task.checkCancellation()
            let text = Failure(error)?.description ?? "\(error)"
            Progress.message("warning: \(changed) has changed and is left aside: \(text)")
            return nil
        }
    }

    private func telling(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            try Task.checkCancellation()
            let text = Failure(error)?.description ?? "\(error)"
            Progress.message("warning: Error handling changed files: \(text)")
        }
    }

    private func carryOut(_ batch: WatchBatch) async throws {
        if !batch.rebuilt.isEmpty { try await rebuild(Array(batch.rebuilt)) }
        for (service, items) in batch.copied { try await copy(Array(items), into: service) }
        if !batch.restarted.isEmpty { try await restart(Array(batch.restarted)) }
        for (service, rules) in batch.executed {
            for hook in rules.sorted().compactMap({ plan.triggers[$0].rule.exec }) {
                try await execute(hook, in: service)
            }
        }
    }

    // MARK: Actions

    private func rebuild(_ services: [String]) async throws {
        let names = Self.quoted(services)
        await say("Rebuilding service(s) \(names) after changes were detected...")
        var options = UpOptions()
        options.services = services
        options.withDependencies = false
        options.building = .always
        options.recreation = .always
        options.ignoresOrphans = true
        let wanted = options
        try await changing { work in
            try await work.convergence.up(project, options: wanted, report: work.report)
        }
        if prunes { try await prune(services) }
        await say("service(s) \(names) successfully built")
        // What was copied into the containers before went with them.
        try await copyAtFirst(services)
    }

    /// The images that services had before.
    private func prune(_ services: [String]) async throws {
        _ = try await session.engine.pruneImages(takesTagged: false) { image in
            let labels = image.configuration.config.labels
            return labels[ComposeLabels.project] == project.name
                && services.contains(labels[ComposeLabels.service] ?? "") ? image : nil
        }
    }

    /// `initial_sync`: everything, however old it is.
    private func copyAtFirst(_ services: some Sequence<String>) async throws {
        let services = Set(services)
        var items: OrderedDictionary<String, OrderedSet<FileSync.Item>> = [:]
        for trigger in plan.triggers
        where trigger.rule.initialSync && services.contains(trigger.service) {
            let paths = try await blocking { () throws(SyscallError) in
                try listTree(trigger.rule.path) { trigger.skips($0) }.sorted()
            }
            for case .copy(let item) in paths.map(trigger.match) {
                items[trigger.service, default: []].append(item)
            }
        }
        for (service, items) in items {
            for container in try await running(service) {
                try await session.engine.sync(Array(items), into: container)
            }
        }
    }

    private func copy(_ items: [FileSync.Item], into service: String) async throws {
        let containers = try await running(service)
        guard !containers.isEmpty else { return }
        await say("Syncing service \"\(service)\" after \(items.count) changes were detected")
        for container in containers { try await session.engine.sync(items, into: container) }
    }

    private func restart(_ services: [String]) async throws {
        try await changing { work in
            try await work.convergence.walk(
                Plan.restart(project, observed: work.convergence.observe(), services: services),
                project: project,
                report: work.report
            )
        }
        await say("service(s) \(Self.quoted(services)) restarted")
    }

    private func execute(_ hook: Hook, in service: String) async throws {
        for container in try await running(service) {
            let output = try await session.engine.output(of: ExecRequest(hook), in: container)
            for line in output.text.split(separator: "\n", omittingEmptySubsequences: false)
            where !line.isEmpty { await say(String(line)) }
            guard output.code == 0 else {
                throw Failure(
                    "`\(hook.command.joined(separator: " "))` exited with status \(output.code) in "
                        + container.name
                )
            }
        }
    }

    // MARK: Containers

    private func running(_ service: String) async throws -> [ContainerRecord] {
        try await session.engine.observe(project: project.name).containers.map(\.record)
            .filter { $0.service == service && !$0.isOneOff && $0.status == .running }
    }

    private func changing(
        _ body: (ProjectWork) async throws -> ConvergenceResult
    ) async throws {
        let work = try makeWork()
        do {
            let result = try await work.alone { try await body(work) }
            work.progress.finish()
            try await work.close()
            try result.checkAll()
        } catch {
            work.progress.finish()
            // `try?`: the first cause counts; the connection ends with us.
            try? await work.close()
            throw error
        }
    }

    /// As docker compose writes a list of names.
    private static func quoted(_ names: [String]) -> String {
        "[" + names.map { "\"\($0)\"" }.joined(separator: " ") + "]"
    }
}
