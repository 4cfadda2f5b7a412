/// What Ctrl-C means at each moment of a command that ends in order: a pure state machine.
///
/// The first one asks everything to stop, in an attached `up` in reverse dependency order; the
/// second kills, and a third ends the command itself, whatever else hangs.
struct Interruption: Equatable {
    enum State: Equatable { case running, stopping, killing }
    enum Action: Equatable {
        case stop, kill, leave
    }

    private(set) var state = State.running
    /// Whether a signal asked for anything.
    private(set) var isByHand = false
    private var last: ContinuousClock.Instant?

    /// timeout(1) sends its signal to the program and to its group: one wish, not two.
    private static let echo: Duration = .milliseconds(100)

    /// Everything is stopped for another reason than a signal: the next one kills.
    mutating func aborted() {
        if state == .running { state = .stopping }
    }

    /// SIGINT or SIGTERM arrived; nil for one that only repeats the one before.
    mutating func interrupted(at now: ContinuousClock.Instant) -> Action? {
        let isEcho = last.map { now - $0 < Self.echo } ?? false
        last = now
        if isEcho { return nil }
        isByHand = true
        switch state {
        case .running:
            state = .stopping
            return .stop
        case .stopping:
            state = .killing
            return .kill
        case .killing:
            return .leave
        }
    }
}
