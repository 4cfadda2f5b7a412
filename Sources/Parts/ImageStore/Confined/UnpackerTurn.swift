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

/// A layer's wish for a turn, which ends with the object. Larger layers come first, even before
/// anything of them has arrived: which of several downloads brings the first bytes is chance.
final class UnpackerWish: Sendable {
    private struct State {
        var free = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        var wishes: [UnpackerWish.ID: Wish] = [:]
        var lastID: UnpackerWish.ID = 0

        struct Wish {
            var size: Int64
            /// Signalled whenever a turn may have become free.
            var change: DispatchSemaphore
        }

        mutating func take(_ id: UnpackerWish.ID, size: Int64) -> UnpackerTurn? {
            let before = wishes.count {
                $0.value.size > size || $0.value.size == size && $0.key < id
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
    private let size: Int64
    private let change = DispatchSemaphore(value: 0)

    /// `size` is the blob's.
    init(size: Int64) {
        self.size = size
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

    /// A turn, if one is free and nobody comes before; once.
    func takeIfFree() -> UnpackerTurn? { Self.state.withLock { $0.take(id, size: size) } }

    /// A turn, waited for on the calling thread; once.
    func take() -> UnpackerTurn {
        while true {
            if let turn = takeIfFree() { return turn }
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
