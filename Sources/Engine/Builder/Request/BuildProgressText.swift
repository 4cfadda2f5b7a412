import Synchronization

/// Turns events into lines as BuildKit's plain progress writes them: `#5 [web 2/3] RUN make`,
/// `#5 0.312 output`, `#5 DONE 1.2s`.
///
/// One for all builds of a command, whose lines mix: a number stands for one step of one of them.
package final class BuildProgressText: Sendable {
    private let steps = Mutex(Steps())

    fileprivate struct Steps {
        /// A step of one of the builds.
        struct Key: Hashable {
            var build: String
            var number: Int
        }

        var numbers: [Key: Int] = [:]
        var beginnings: [Key: ContinuousClock.Instant] = [:]
    }

    package init() {}

    /// The lines of one event that happened at `now`; `build` is the name of the build.
    package func lines(
        for event: BuildEvent,
        of build: String,
        at now: ContinuousClock.Instant = .now
    ) -> [String] {
        if case .warning(let text) = event {
            return [build.isEmpty ? "WARNING: \(text)" : "WARNING: \(build): \(text)"]
        }
        return steps.withLock { $0.line(for: event, of: build, at: now) }.map { [$0] } ?? []
    }
}

extension BuildProgressText.Steps {
    mutating func line(
        for event: BuildEvent,
        of build: String,
        at now: ContinuousClock.Instant
    ) -> String? {
        switch event {
        case .started(let step):
            beginnings[Key(build: build, number: step.number)] = now
            return "\(name(step, build)) \(step.title)"
        case .explained(let step, let reason): return "\(name(step, build)) \(reason)"
        case .cached(let step): return "\(name(step, build)) CACHED"
        case .output(let step, let line):
            let begun = beginnings[Key(build: build, number: step.number)] ?? now
            return "\(name(step, build)) \(Self.seconds(now - begun, digits: 3)) \(line)"
        case .finished(let step, let duration):
            return "\(name(step, build)) DONE \(Self.seconds(duration, digits: 1))s"
        case .failed(let step, let message): return "\(name(step, build)) ERROR: \(message)"
        case .warning, .findings: return nil
        }
    }

    /// `#5`: numbers are given in the order in which steps show themselves.
    private mutating func name(_ step: BuildStep, _ build: String) -> String {
        let key = Key(build: build, number: step.number)
        let number = numbers[key] ?? numbers.count + 1
        numbers[key] = number
        return "#\(number)"
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
