/// What Ctrl-C means at each moment of an attached `up`: a pure state machine.
///
/// The first one asks everything to stop in reverse dependency order, the second kills, and a
/// third ends the command itself, whatever else hangs.
struct Interruption: Equatable {
    enum State: Equatable { case running, stopping, killing }
    enum Action: Equatable {
        case stop, kill, leave
    }

    private(set) var state = State.running

    /// SIGINT or SIGTERM arrived.
    mutating func interrupted() -> Action {
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
