import Dispatch
import Glibc
import Synchronization

/// The right to unpack, of which this process has as many as there are processors: more at a time
/// would only make the largest layer, with which everything ends, wait for the small ones. Ends with
/// the object.
final class UnpackerTurn: Sendable {
    fileprivate init() {}

    deinit { UnpackerWish.giveBack() }
}

/// A layer's wish for a turn, which ends with the object. Larger layers come first: which of several
/// downloads brings the first bytes is chance.
final class UnpackerWish: Sendable {
    private struct State {
        var free = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        var wishes: [UnpackerWish.ID: Wish] = [:]
        var lastID: UnpackerWish.ID = 0

        struct Wish {
            var size: Int64
            /// Whether something of the layer has arrived.
            var hasBegun = false
            /// Signalled whenever a turn may have become free.
            var change: DispatchSemaphore
        }

        /// Takes a turn unless others come before, of which those that have not begun count or not.
        mutating func take(_ id: UnpackerWish.ID, afterAll: Bool) -> UnpackerTurn? {
            wishes[id]?.hasBegun = true
            guard let wish = wishes[id] else { return nil }
            let before = wishes.count { other in
                (other.value.size, id) > (wish.size, other.key)
                    && (afterAll || other.value.hasBegun)
            }
            guard before < free else { return nil }
            free -= 1
            wishes[id] = nil
            return UnpackerTurn()
        }

        func tell() {
            for wish in wishes.values { wish.change.signal() }
        }
    }

    private typealias ID = Int

    private static let state = Mutex(State())

    private let id: ID
    private let change = DispatchSemaphore(value: 0)

    /// `size` is the blob's.
    init(size: Int64) {
        let change = change
        id = Self.state.withLock { state in
            state.lastID += 1
            state.wishes[state.lastID] = State.Wish(size: size, change: change)
            return state.lastID
        }
    }

    deinit {
        Self.state.withLock { state in
            state.wishes[id] = nil
            state.tell()
        }
    }

    /// A turn for a layer that is arriving, once: if one is free that no larger layer will want,
    /// even one of which nothing has arrived.
    func takeIfFree() -> UnpackerTurn? { Self.state.withLock { $0.take(id, afterAll: true) } }

    /// A turn for a layer that has arrived, once, waited for on the calling thread while larger ones
    /// that have begun to arrive come first. One that does not arrive holds nobody up.
    func take() -> UnpackerTurn {
        while true {
            if let turn = Self.state.withLock({ $0.take(id, afterAll: false) }) { return turn }
            change.wait()
        }
    }

    fileprivate static func giveBack() {
        state.withLock { state in
            state.free += 1
            state.tell()
        }
    }
}
