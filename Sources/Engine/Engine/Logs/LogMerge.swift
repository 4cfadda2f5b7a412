import Linux

/// Several logs as one stream in order of time; lines of one log keep their order.
struct LogMerge {
    /// By their `source`.
    private var logs: [ContainerLog]
    /// The next line of each log that has one: a binary heap, earliest first.
    private var heads: [LogLine] = []

    init(_ logs: [ContainerLog]) { self.logs = logs }

    /// Takes in one log more, whose `source` is the number of those there are.
    mutating func add(_ log: ContainerLog) { logs.append(log) }

    /// Looks again at the logs that had nothing when they were asked last, or at some of them.
    mutating func refresh(only some: Set<Int>? = nil) throws(SyscallError) {
        if some?.isEmpty == true { return }
        let present = Set(heads.map(\.source))
        for source in some.map(Array.init) ?? Array(logs.indices) where !present.contains(source) {
            if let line = try logs[source].next() { push(line) }
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
        guard let first = heads.first else { return nil }
        if let following = try logs[first.source].next() {
            heads[0] = following
            sink()
        } else {
            heads[0] = heads[heads.count - 1]
            heads.removeLast()
            sink()
        }
        return first
    }

    private static func precedes(_ left: LogLine, _ right: LogLine) -> Bool {
        left.time != right.time ? left.time < right.time : left.source < right.source
    }

    private mutating func push(_ line: LogLine) {
        heads.append(line)
        var index = heads.count - 1
        while index > 0, Self.precedes(heads[index], heads[(index - 1) / 2]) {
            heads.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in 2 * index + 1...2 * index + 2 where child < heads.count {
                if Self.precedes(heads[child], heads[least]) { least = child }
            }
            if least == index { return }
            heads.swapAt(index, least)
            index = least
        }
    }
}
