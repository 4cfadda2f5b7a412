import ContainerRuntime
package import Engine
package import GoTemplate

/// One line of docker's `stats`: what a container uses, between two looks at it.
package struct StatsRow: Sendable {
    private let id: String
    private let name: String
    private let before: ContainerUsage?
    private let now: ContainerUsage?

    /// nil for a container that does not run; `before` is an earlier look, which the share of the
    /// processors is counted from.
    package init(
        _ container: ContainerRecord,
        before: ContainerUsage?,
        now: ContainerUsage?
    ) {
        id = container.id.text
        name = container.name
        self.before = before
        self.now = now
    }

    /// How rows are shown in a form.
    package static func listing(format: String) -> RowListing {
        RowListing(
            format: format,
            columns: [
                .init("ID", "CONTAINER ID"), .init("Name", "NAME"), .init("CPUPerc", "CPU %"),
                .init("MemUsage", "MEM USAGE / LIMIT"), .init("MemPerc", "MEM %"),
                .init("NetIO", "NET I/O"), .init("BlockIO", "BLOCK I/O"), .init("PIDs", "PIDS"),
            ],
            others: [.init("Container", "CONTAINER")]
        )
    }

    /// The members of docker's JSON, in its order.
    package func row(truncates: Bool) -> GoMap {
        let short = truncates ? String(id.prefix(12)) : id
        let usage = now?.cgroup
        let limit = now == nil ? 0 : min(usage?.memoryLimit ?? .max, now?.machineMemoryBytes ?? 0)
        let memory = usage?.memoryBytes ?? 0
        let share = limit > 0 ? Double(memory) / Double(limit) * 100 : 0
        return RowListing.row(
            [
                (
                    "BlockIO",
                    .string(Self.pair(usage?.readBytes ?? 0, usage?.writtenBytes ?? 0))
                ),
                ("CPUPerc", .string(Self.percent(processorShare))),
                ("Container", .string(short)), ("ID", .string(short)),
                ("MemPerc", .string(Self.percent(share))),
                (
                    "MemUsage",
                    .string("\(HumanSize.binary(memory)) / \(HumanSize.binary(limit))")
                ),
                ("Name", .string(name)),
                ("NetIO", .string(Self.pair(now?.receivedBytes ?? 0, now?.sentBytes ?? 0))),
                ("PIDs", .string("\(usage?.processes ?? 0)")),
            ],
            of: "*container.statsContext"
        )
    }

    /// Per cent of one processor.
    private var processorShare: Double {
        guard let before, let now, now.takenAt > before.takenAt,
            now.cgroup.computedNanoseconds >= before.cgroup.computedNanoseconds
        else { return 0 }
        let computed = now.cgroup.computedNanoseconds - before.cgroup.computedNanoseconds
        return Double(computed) / 1e9 / ((now.takenAt - before.takenAt) / .seconds(1)) * 100
    }

    /// With two digits.
    private static func percent(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let digits = "\(hundredths % 100 + 100)".dropFirst()
        return "\(hundredths / 100).\(digits)%"
    }

    private static func pair(_ first: UInt64, _ second: UInt64) -> String {
        [first, second].map { HumanSize.decimal(Int64(clamping: $0)) }.joined(separator: " / ")
    }
}
