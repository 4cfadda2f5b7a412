package import ContainerRuntime
import Linux
import SystemPackage

extension Engine {
    /// Reads the logs of some containers as one stream in order of time, in batches; `LogLine.source`
    /// is the index in `ids`. The next batch is read when the body returns, so a slow reader costs
    /// no memory. To end a following read, cancel its task.
    package func readLogs(
        of ids: [ContainerID],
        _ selection: LogSelection,
        _ body: ([LogLine]) async throws -> Void
    ) async throws {
        guard selection.follow != .no else {
            var merge = LogMerge([])
            for (index, id) in ids.enumerated() {
                let folder = layout.container(id.text).appending("log")
                let log = try ContainerLog(
                    in: folder,
                    source: index,
                    tail: selection.tail,
                    stopsAfterTail: true
                )
                merge.add(log)
            }
            try merge.refresh()
            while let batch = try merge.batch(selection) { try await body(batch) }
            let rest = merge.takeRest(selection)
            if !rest.isEmpty { try await body(rest) }
            return
        }
        try await followLogs(selection) {
            let end = try await end(of: ids)
            return LogWriters(
                ids,
                isOver: end == .told && selection.follow == .whileRunning,
                isUnsettled: end == .untold
            )
        } _: { lines, _ in
            try await body(lines)
        }
    }

    /// Follows the logs of containers that come and go: `writers` is asked who writes when a run
    /// begins or ends. `LogLine.source` is the index in the list that `body` gets with the lines,
    /// which holds all that ever wrote. Returns when `writers` says that it is over, or `until` of
    /// the selection has passed. `caughtUp` is called when `body` has got all that was written
    /// before `writers` was asked last.
    package func followLogs(
        _ selection: LogSelection,
        of writers: () async throws -> LogWriters,
        _ body: ([LogLine], [ContainerID]) async throws -> Void,
        caughtUp: () async throws -> Void = {}
    ) async throws {
        var following = LogFollowing(layout, selection)
        while true {
            var isLast = false
            let looks = following.looksNow
            if looks {
                // Asked before reading: what was written before the end is read after it.
                let present = try await writers()
                try following.look(at: present)
                isLast = present.isOver || selection.until.map { $0 < .now() } == true
            }
            while let batch = try following.batch() { try await body(batch, following.writers) }
            if isLast {
                let rest = following.takeRest()
                if !rest.isEmpty { try await body(rest, following.writers) }
            }
            if looks { try await caughtUp() }
            if isLast { return }
            try await following.wait()
        }
    }

    /// What the log of a container lacks at its end without saying so: what is lost earlier stands
    /// in the log itself. nil for one that lacks nothing, or that runs.
    package func logLoss(of id: ContainerID) throws -> LogLoss? {
        try ContainerFolder(layout.container(id.text)).readLogLoss()
    }

    /// What is known of an end.
    package enum KnownEnd: Sendable {
        /// It runs, or will be started again.
        case none
        /// It does not run; its supervisor is about to say whether it starts again.
        case untold
        /// It neither runs nor will be started again by its restart policy.
        case told
    }

    /// Of all of them: as long as one goes on, there is none.
    package func end(of ids: [ContainerID]) async throws -> KnownEnd {
        var known = KnownEnd.told
        for id in ids {
            switch try await end(of: id) {
            case .none: return .none
            case .untold: known = .untold
            case .told: continue
            }
        }
        return known
    }

    /// Whether a container neither runs nor will be started again by its restart policy.
    package func hasEnded(_ id: ContainerID) async throws -> Bool {
        try await end(of: id) == .told
    }

    private func end(of id: ContainerID) async throws -> KnownEnd {
        do {
            let record = try await container(id)
            guard record.status == .running else {
                return record.status == .restarting ? .none : .told
            }
            if try await observe(id).record.status == .running { return .none }
            // Without a supervisor nobody starts it again.
            let project = record.project ?? Layout.standaloneProject
            return FileLock.isHeld(layout.supervisorLock(project)) ? .untold : .told
        } catch let error as EngineError where error.kind == .notFound {
            // Removed: it writes nothing more.
            return .told
        }
    }
}
