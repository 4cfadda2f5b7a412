/// Turns events into lines as BuildKit's plain progress writes them: `#5 [2/3] RUN make`,
/// `#5 0.312 output`, `#5 DONE 1.2s`.
package struct BuildProgressText: Sendable {
    private var beginnings: [Int: ContinuousClock.Instant] = [:]

    package init() {}

    /// The lines of one event that happened at `now`.
    package mutating func lines(
        for event: BuildEvent,
        at now: ContinuousClock.Instant = .now
    ) -> [String] {
        switch event {
        case .started(let step):
            beginnings[step.number] = now
            return ["#\(step.number) \(step.title)"]
        case .cached(let step): return ["#\(step.number) CACHED"]
        case .output(let step, let line):
            let begun = beginnings[step.number] ?? now
            return ["#\(step.number) \(Self.seconds(now - begun, digits: 3)) \(line)"]
        case .finished(let step, let duration):
            return ["#\(step.number) DONE \(Self.seconds(duration, digits: 1))s"]
        case .failed(let step, let message):
            return ["#\(step.number) ERROR: \(message)"]
        case .warning(let text): return ["WARNING: \(text)"]
        }
    }

    private static func seconds(_ duration: Duration, digits: Int) -> String {
        let unit = digits == 3 ? 1_000_000_000_000_000 : 100_000_000_000_000_000
        let scale = Int64(digits == 3 ? 1000 : 10)
        let (seconds, attoseconds) = duration.components
        let fraction = String(attoseconds / Int64(unit) % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(seconds).\(zeros)\(fraction)"
    }
}
