package import ContainerRuntime
import Linux
import SystemPackage

/// Whose logs are followed.
package struct LogWriters: Sendable {
    /// Those there are now; ones that went away may be left out.
    package var containers: [ContainerID]
    /// Nothing more will be written, by them or by one that replaces them.
    package var isOver: Bool
    /// A run has ended and its supervisor is about to say so: to be asked again soon.
    package var isUnsettled: Bool

    package init(_ containers: [ContainerID], isOver: Bool, isUnsettled: Bool = false) {
        self.containers = containers
        self.isOver = isOver
        self.isUnsettled = isUnsettled
    }
}

/// One following reader: the logs it has open, and when to look at what.
///
/// A wake reads only the logs that have grown. Who writes is asked when a run begins or ends, for
/// a moment after that, since the records are written after the keeper's, and now and then. An end
/// from before the watch makes no notice: it is asked again until its record is written.
struct LogFollowing {
    private let layout: Layout
    private let selection: LogSelection
    private let watch: LogWatch
    private var merge = LogMerge([])
    private(set) var writers: [ContainerID] = []
    private var lookedAt: ContinuousClock.Instant?
    private var readAt: ContinuousClock.Instant?
    private var unsettledUntil: ContinuousClock.Instant?

    /// Between two looks at who writes: usually, and after a run began or ended.
    private static let usualPause: Duration = .seconds(2)
    private static let unsettledPause: Duration = .milliseconds(100)
    private static let settling: Duration = .seconds(2)
    /// Lines that come one after the other are read together: nobody sees so short a wait.
    private static let shortestPause: Duration = .milliseconds(25)

    init(_ layout: Layout, _ selection: LogSelection) {
        self.layout = layout
        self.selection = selection
        watch = LogWatch(containers: layout.containers)
    }

    /// Whether it is time to ask who writes.
    var looksNow: Bool { lookedAt.map { .now - $0 >= pause } ?? true }

    private var pause: Duration {
        unsettledUntil.map { $0 > .now } == true ? Self.unsettledPause : Self.usualPause
    }

    /// Takes in who writes now. Those of the first look begin with the lines asked for, those that
    /// come later with their first one.
    mutating func look(at present: LogWriters) throws(SyscallError) {
        let isFirst = lookedAt == nil
        lookedAt = .now
        if present.isUnsettled { unsettledUntil = .now + Self.settling }
        for container in present.containers where !writers.contains(container) {
            let folder = layout.container(container.text)
            let log = folder.appending("log")
            watch.add(folder, log: log, number: writers.count)
            merge.add(
                try ContainerLog(
                    in: log,
                    source: writers.count,
                    tail: isFirst ? selection.tail : nil,
                    holds: true
                )
            )
            writers.append(container)
        }
        // Whatever a notice may have missed.
        try merge.refresh()
    }

    /// The next lines there are; nil when there are none now.
    mutating func batch() throws(SyscallError) -> [LogLine]? {
        readAt = .now
        return try merge.batch(selection)
    }

    /// What has no end, when nothing more will be written.
    mutating func takeRest() -> [LogLine] { merge.takeRest(selection) }

    /// Waits until there is something to do.
    mutating func wait() async throws {
        if let readAt, case let rest = Self.shortestPause - (.now - readAt), rest > .zero {
            try await Task.sleep(for: rest)
        }
        let patience = max(.zero, pause - (lookedAt.map { .now - $0 } ?? .zero))
        let change = try await watch.change(within: patience)
        if change.isAboutRuns || change.isUnknown {
            unsettledUntil = .now + Self.settling
            lookedAt = lookedAt.map { $0 - Self.usualPause }
        }
        try merge.refresh(only: change.logs)
    }
}
