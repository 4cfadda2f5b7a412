import Glibc
import Linux
import Synchronization

/// One connection that is passed on: its two sockets, and what either has not taken yet. Both directions
/// go until their ends, each end by itself.
final class RelayedStream: Sendable {
    /// What came of an attempt to pass on what is there.
    enum Progress {
        /// Nothing more can be done before the kernel says so.
        case waiting
        /// There is more to do, after the others.
        case more
        case over
    }

    /// One direction.
    private struct Direction {
        var source, sink: SharedFD
        /// Read, and not taken by the sink yet.
        var pending: ArraySlice<UInt8> = []
        var hasEnded = false
        /// The sink knows of the end.
        var isOver = false
    }

    /// The socket of the client, and that of the container.
    let sides: [SharedFD]
    private let directions: Mutex<[Direction]>
    private let onEnd: Mutex<CheckedContinuation<Void, Never>?>

    /// Turns of one connection before the others have theirs.
    private static let turns = 8
    /// While nobody waits for a slow reader, a connection costs no memory at all.
    private static let pendingBytes = Atomic<Int>(0)
    private static let ample = 16 << 20
    private static let least = 4 << 10

    init(
        _ client: InternetSocket,
        _ server: InternetSocket,
        onEnd: CheckedContinuation<Void, Never>
    ) {
        sides = [client.fd, server.fd]
        directions = Mutex([
            Direction(source: client.fd, sink: server.fd),
            Direction(source: server.fd, sink: client.fd),
        ])
        self.onEnd = Mutex(onEnd)
    }

    /// Passes on what is there. `buffer` is anybody's, for the time of the call.
    func advance(_ buffer: UnsafeMutableRawBufferPointer) -> Progress {
        directions.withLock { directions in
            var isMore = false
            for index in directions.indices {
                switch Self.advance(&directions[index], buffer) {
                case .waiting: continue
                case .more: isMore = true
                case .over: return .over
                }
            }
            if directions.allSatisfy(\.isOver) { return .over }
            return isMore ? .more : .waiting
        }
    }

    /// Ends both directions, whatever is under way, and tells who waits.
    func end() {
        for side in sides { side.with { _ = shutdown($0, CInt(SHUT_RDWR)) } }
        directions.withLock { directions in
            for index in directions.indices { Self.clear(&directions[index]) }
        }
        onEnd.withLock { $0.take() }?.resume()
    }

    /// `over` is a broken connection.
    private static func advance(
        _ direction: inout Direction,
        _ buffer: UnsafeMutableRawBufferPointer
    ) -> Progress {
        for _ in 0..<turns {
            if !direction.pending.isEmpty {
                let bytes = direction.pending
                let (count, code) = bytes.withUnsafeBytes { write($0, to: direction.sink) }
                guard count >= 0 else { return code == EAGAIN ? .waiting : .over }
                keep(bytes.dropFirst(count), &direction)
                continue
            }
            if direction.hasEnded {
                if !direction.isOver { direction.sink.with { _ = shutdown($0, CInt(SHUT_WR)) } }
                direction.isOver = true
                return .waiting
            }
            let room = pendingBytes.load(ordering: .relaxed) < ample ? buffer.count : least
            let (count, code) = read(into: buffer, room, from: direction.source)
            guard count >= 0 else { return code == EAGAIN ? .waiting : .over }
            direction.hasEnded = count == 0
            guard count > 0 else { continue }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            let (written, failure) = write(bytes, to: direction.sink)
            guard written >= 0 || failure == EAGAIN else { return .over }
            keep(ArraySlice(bytes.dropFirst(max(written, 0))), &direction)
        }
        return .more
    }

    private static func keep(_ rest: ArraySlice<UInt8>, _ direction: inout Direction) {
        pendingBytes.add(rest.count - direction.pending.count, ordering: .relaxed)
        direction.pending = rest
    }

    private static func clear(_ direction: inout Direction) { keep([], &direction) }

    /// A count, or -1 and the error.
    private static func read(
        into buffer: UnsafeMutableRawBufferPointer,
        _ room: Int,
        from source: SharedFD
    ) -> (count: Int, code: CInt) {
        source.with { fd in
            while true {
                let count = recv(fd, buffer.baseAddress, min(room, buffer.count), 0)
                let code = errno
                if count >= 0 || code != EINTR { return (count, code) }
            }
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        to sink: SharedFD
    ) -> (count: Int, code: CInt) {
        sink.with { fd in
            while true {
                let count = send(fd, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
                let code = errno
                if count >= 0 || code != EINTR { return (count, code) }
            }
        }
    }
}
