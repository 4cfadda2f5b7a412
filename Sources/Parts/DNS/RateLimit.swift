/// So many events a second, and that many at once after a pause.
package struct RateLimit: Sendable {
    private let perSecond: Double
    private var credit: Double
    private var last: Duration?

    package init(perSecond: Int) {
        self.perSecond = Double(perSecond)
        credit = Double(perSecond)
    }

    /// Whether one more may pass at that time, counted from any fixed moment.
    package mutating func admits(at time: Duration) -> Bool {
        if let last, time > last {
            let (seconds, attoseconds) = (time - last).components
            let elapsed = Double(seconds) + Double(attoseconds) / 1e18
            credit = min(perSecond, credit + elapsed * perSecond)
        }
        last = time
        guard credit >= 1 else { return false }
        credit -= 1
        return true
    }
}
