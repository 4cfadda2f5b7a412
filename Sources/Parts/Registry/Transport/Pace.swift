/// Notices an answer that only pretends to come.
struct Pace {
    /// What has to come at least in each window of time.
    struct Demand: Sendable {
        var window: Duration
        var leastBytes: Int
    }

    private let demand: Demand
    private var windowStart = ContinuousClock.now
    private var bytes = 0

    init(_ demand: Demand) { self.demand = demand }

    /// Counts what has arrived; throws when it was too little for too long.
    mutating func check(_ count: Int) throws(Transport.Fault) {
        guard allows(count) else {
            throw Transport.Fault(kind: .timedOut, reason: "the download was too slow")
        }
    }

    /// Counts what has arrived; false when it was too little for too long.
    mutating func allows(_ count: Int, now: ContinuousClock.Instant = .now) -> Bool {
        bytes += count
        guard now - windowStart >= demand.window else { return true }
        defer {
            windowStart = now
            bytes = 0
        }
        return bytes >= demand.leastBytes
    }
}
