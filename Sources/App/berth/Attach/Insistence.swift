import Glibc

/// How often we were asked to end while we only pass signals on: the first process of a container
/// ignores those that it does not handle, and whoever waits for it must be able to leave.
struct Insistence: Equatable {
    /// Docker's number.
    static let limit = 3

    private var count = 0

    /// Counts a signal that was passed on; true when it was one too many.
    mutating func isEnough(with signal: CInt) -> Bool {
        guard signal == SIGINT || signal == SIGTERM else { return false }
        count += 1
        return count >= Self.limit
    }
}
