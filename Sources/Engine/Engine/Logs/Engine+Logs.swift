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
        let folders = ids.map { layout.container($0.text).appending("log") }
        let watch = selection.follow == .no ? nil : LogWatch(folders)
        let logs = try folders.enumerated().map { index, folder in
            try ContainerLog(in: folder, source: index, tail: selection.tail)
        }
        var merge = LogMerge(logs)
        while true {
            // Asked before reading: what was written before the end is read after it.
            let isLast = try await isComplete(ids, selection)
            try merge.refresh()
            while let batch = try Self.batch(&merge, selection) { try await body(batch) }
            if isLast {
                let rest = logs.flatMap { $0.takeRest() }.filter(selection.wants)
                if !rest.isEmpty { try await body(rest.sorted { $0.time < $1.time }) }
                return
            }
            try await watch?.change(within: .milliseconds(200))
        }
    }

    private static let batchLines = 1024

    /// The next lines there are; nil when there are none now.
    private static func batch(
        _ merge: inout LogMerge,
        _ selection: LogSelection
    ) throws(SyscallError) -> [LogLine]? {
        var lines: [LogLine] = []
        var bytes = 0
        while lines.count < batchLines, bytes < 1 << 20, let line = try merge.next() {
            guard selection.wants(line) else { continue }
            bytes += line.bytes.count
            lines.append(line)
        }
        return lines.isEmpty ? nil : lines
    }

    /// Whether nothing more will be written that is wanted.
    private func isComplete(_ ids: [ContainerID], _ selection: LogSelection) async throws -> Bool {
        switch selection.follow {
        case .no: return true
        case .forever: return false
        case .whileRunning: break
        }
        if let until = selection.until, until < .now() { return true }
        for id in ids {
            do {
                let status = try await observe(id).record.status
                if status == .running || status == .restarting { return false }
            } catch let error as EngineError where error.kind == .notFound {
                // Removed: it writes nothing more.
                continue
            }
        }
        return true
    }
}
