import HeapModule
import Linux

/// Several logs as one stream in order of time; lines of one log keep their order.
struct LogMerge {
    /// By their `source`.
    private var logs: [ContainerLog]
    /// The next line of each log that has one.
    private var heads = Heap<Head>()

    private struct Head: Comparable {
        var line: LogLine

        private var order: (Timestamp, Int) { (line.time, line.source) }
        static func < (left: Head, right: Head) -> Bool { left.order < right.order }
        static func == (left: Head, right: Head) -> Bool { left.order == right.order }
    }

    init(_ logs: [ContainerLog]) { self.logs = logs }

    /// Takes in one log more, whose `source` is the number of those there are.
    mutating func add(_ log: ContainerLog) { logs.append(log) }

    /// Looks again at the logs that had nothing when they were asked last, or at some of them.
    mutating func refresh(only some: Set<Int>? = nil) throws(SyscallError) {
        if some?.isEmpty == true { return }
        let present = Set(heads.unordered.map(\.line.source))
        for source in some.map(Array.init) ?? Array(logs.indices) where !present.contains(source) {
            if let line = try logs[source].next() { heads.insert(Head(line: line)) }
        }
    }

    private static let batchLines = 1024
    private static let batchBytes = 1 << 20

    /// The next lines there are that are wanted; nil when there are none now.
    mutating func batch(_ selection: LogSelection) throws(SyscallError) -> [LogLine]? {
        var lines: [LogLine] = []
        var bytes = 0
        while lines.count < Self.batchLines, bytes < Self.batchBytes, let line = try next() {
            guard selection.wants(line) else { continue }
            bytes += line.bytes.count
            lines.append(line)
        }
        return lines.isEmpty ? nil : lines
    }

    /// Lines without an end that are wanted, once nothing more can come.
    func takeRest(_ selection: LogSelection) -> [LogLine] {
        logs.flatMap { $0.takeRest() }.filter(selection.wants).sorted { $0.time < $1.time }
    }

    /// The earliest line there is.
    mutating func next() throws(SyscallError) -> LogLine? {
        guard let first = heads.min?.line else { return nil }
        if let following = try logs[first.source].next() {
            heads.replaceMin(with: Head(line: following))
        } else {
            heads.removeMin()
        }
        return first
    }
}
