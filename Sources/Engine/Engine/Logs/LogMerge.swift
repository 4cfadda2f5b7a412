import Linux

/// Several logs as one stream in order of time; lines of one log keep their order.
struct LogMerge {
    private let logs: [ContainerLog]
    /// The next line of each log that has one: a binary heap, earliest first.
    private var heads: [LogLine] = []

    init(_ logs: [ContainerLog]) { self.logs = logs }

    /// Looks again at the logs that had nothing when they were asked last.
    mutating func refresh() throws(SyscallError) {
        let present = Set(heads.map(\.source))
        for log in logs where !present.contains(log.source) {
            if let line = try log.next() { push(line) }
        }
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
