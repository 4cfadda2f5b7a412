import Dispatch
import Glibc
import Synchronization

/// The right to unpack one layer. A process has as many slots as there are processors: with more, the
/// largest layer, which decides when everything is done, would only wait for small ones. The slot is
/// given back when the object goes.
final class UnpackSlot: Sendable {
    fileprivate init() {}

    deinit { UnpackSlotRequest.giveBack() }
}

/// A layer's place in the queue for a slot, left when the object goes. Larger layers come first, since
/// chance decides which of several downloads brings the first bytes.
final class UnpackSlotRequest: Sendable {
    private struct State {
        var free = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        var requests: [UnpackSlotRequest.ID: Request] = [:]
        var lastID: UnpackSlotRequest.ID = 0

        struct Request {
            var size: Int64
            /// Whether something of the layer has arrived.
            var hasBegun = false
            /// Signalled whenever a slot may have become free.
            var change: DispatchSemaphore
        }

        /// Takes a slot unless enough larger layers come first. `afterAll` counts those too of which
        /// nothing has arrived.
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

        func wakeAll() {
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
            state.wakeAll()
        }
    }

    /// A slot for a layer that is arriving, once: if one is free that no larger layer will want,
    /// not even one that has not begun to arrive.
    func takeIfFree() -> UnpackSlot? { Self.state.withLock { $0.take(id, afterAll: true) } }

    /// A slot for a layer that has arrived, once. The calling thread waits while larger layers that
    /// have begun to arrive come first. A layer that never arrives blocks no other.
    func take() -> UnpackSlot {
        while true {
            if let turn = Self.state.withLock({ $0.take(id, afterAll: false) }) { return turn }
            change.wait()
        }
    }

    fileprivate static func giveBack() {
        state.withLock { state in
            state.free += 1
            state.wakeAll()
        }
    }
}
