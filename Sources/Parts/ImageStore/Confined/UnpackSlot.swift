import Dispatch
import Glibc
import Synchronization

/// The right to unpack, of which this process has as many as there are processors: more at a time
/// would only make the largest layer, with which everything ends, wait for the small ones. Ends with
/// the object.
final class UnpackSlot: Sendable {
    fileprivate init() {}

    deinit { UnpackSlotRequest.giveBack() }
}

/// A layer's request for a turn, which ends with the object. Larger layers come first: which of several
/// downloads brings the first bytes is chance.
final class UnpackSlotRequest: Sendable {
    private struct State {
        var free = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        var requests: [UnpackSlotRequest.ID: Request] = [:]
        var lastID: UnpackSlotRequest.ID = 0

        struct Request {
            var size: Int64
            /// Whether something of the layer has arrived.
            var hasBegun = false
            /// Signalled whenever a turn may have become free.
            var change: DispatchSemaphore
        }

        /// Takes a turn unless others come before, of which those that have not begun count or not.
        mutating func take(_ id: UnpackSlotRequest.ID, afterAll: Bool) -> UnpackSlot? {
            requests[id]?.hasBegun = true
            guard let request = requests[id] else { return nil }
            let before = requests.count { other in
                (other.value.size, id) > (request.size, other.key)
                    && (afterAll || other.value.hasBegun)
            }
            guard before < free else { return nil }
            free -= 1
            requests[id] = nil
            return UnpackSlot()
        }

        func tell() {
            for request in requests.values { request.change.signal() }
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
            state.requests[state.lastID] = State.Request(size: size, change: change)
            return state.lastID
        }
    }

    deinit {
        Self.state.withLock { state in
            state.requests[id] = nil
            state.tell()
        }
    }

    /// A turn for a layer that is arriving, once: if one is free that no larger layer will want,
    /// even one of which nothing has arrived.
    func takeIfFree() -> UnpackSlot? { Self.state.withLock { $0.take(id, afterAll: true) } }

    /// A turn for a layer that has arrived, once, waited for on the calling thread while larger ones
    /// that have begun to arrive come first. One that does not arrive holds nobody up.
    func take() -> UnpackSlot {
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
