import Dispatch
import Glibc

/// The right to unpack, of which this process has as many as there are processors: more at a time
/// would only make the largest layer, with which everything ends, wait for the small ones. Ends with
/// the object.
final class UnpackerTurn: Sendable {
    private static let turns = DispatchSemaphore(
        value: max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    )

    private init() {}

    deinit { Self.turns.signal() }

    /// A turn, if one is free.
    static func takeIfFree() -> UnpackerTurn? {
        turns.wait(timeout: .now()) == .success ? UnpackerTurn() : nil
    }

    /// A turn, waited for on the calling thread.
    static func take() -> UnpackerTurn {
        turns.wait()
        return UnpackerTurn()
    }
}
