import CLinux

/// One end of a socket that frames go over (keeper_frames.h). It never blocks, its memory is
/// bounded, and whatever the other side sends, the worst that comes of it is that it ends.
struct Connection {
    private(set) var fd: CInt
    /// What has arrived of frames that nobody has taken yet.
    private let inbox: UnsafeMutablePointer<UInt8>
    private var inboxCount = 0
    /// Frames on their way out, from `outboxStart` on; made when there is the first.
    private var outbox: UnsafeMutablePointer<UInt8>?
    private var outboxStart = 0
    private var outboxCount = 0
    /// Nothing that was sent is taken any more; what was read is handled still.
    private var isBroken = false

    private static let header = MemoryLayout<keeper_frame>.size
    private static let inboxCapacity = header + Int(KEEPER_LARGEST_REQUEST)
    private static let largestAnswer = header + Int(KEEPER_LARGEST_ANSWER)
    private static let outboxCapacity = 4 * largestAnswer

    /// Takes a socket, which must not be used by others.
    init(taking fd: CInt) {
        self.fd = fd
        inbox = .allocate(capacity: Self.inboxCapacity)
        _ = berth_fcntl(fd, F_SETFL, O_NONBLOCK)
    }

    mutating func close() {
        _ = CLinux.close(fd)
        fd = -1
        inbox.deallocate()
        outbox?.deallocate()
        outbox = nil
    }

    /// A frame that has arrived whole. Valid until the next `receive` or `drop`.
    struct Frame {
        var kind: KeeperRequest
        var bytes: UnsafeBufferPointer<UInt8>

        /// The bytes as a value of the size that they have.
        func load<Value: BitwiseCopyable>(_ type: Value.Type) -> Value? {
            guard let base = bytes.baseAddress, bytes.count == MemoryLayout<Value>.size else {
                return nil
            }
            return UnsafeRawPointer(base).loadUnaligned(as: type)
        }
    }

    // MARK: Receiving

    /// False while a frame waits for its turn that takes all the room there is.
    var canReceive: Bool { inboxCount < Self.inboxCapacity }

    /// Reads once what has arrived; false at the end.
    mutating func receive() -> Bool {
        guard canReceive else { return true }
        let count = read(fd, inbox + inboxCount, Self.inboxCapacity - inboxCount)
        if count < 0 && (berth_errno() == EAGAIN || berth_errno() == EINTR) { return true }
        guard count > 0 else { return false }
        inboxCount += count
        return true
    }

    enum Next {
        case frame(Frame)
        /// The next one has not arrived, or not whole.
        case none
        /// What arrived is no frame.
        case malformed
    }

    func next() -> Next {
        guard inboxCount >= Self.header else { return .none }
        let header = UnsafeRawPointer(inbox).loadUnaligned(as: keeper_frame.self)
        guard header.size <= UInt32(KEEPER_LARGEST_REQUEST), let kind = Self.kind(header.kind)
        else { return .malformed }
        let end = Self.header + Int(header.size)
        guard inboxCount >= end else { return .none }
        let bytes = UnsafeBufferPointer(start: inbox + Self.header, count: Int(header.size))
        let frame = Frame(kind: kind, bytes: bytes)
        return Self.hasItsSize(frame) ? .frame(frame) : .malformed
    }

    /// An enum of C takes any number in Swift: only these are its cases.
    private static func kind(_ number: UInt32) -> KeeperRequest? {
        guard number >= KeeperRequest.go.rawValue, number <= KeeperRequest.resize.rawValue else {
            return nil
        }
        return KeeperRequest(rawValue: number)
    }

    private static func hasItsSize(_ frame: Frame) -> Bool {
        switch frame.kind {
        case .go, .kill, .detach, .closeInput: frame.bytes.count == 0
        case .signal: frame.bytes.count == MemoryLayout<Int32>.size
        case .attach: frame.bytes.count == MemoryLayout<UInt32>.size
        case .resize: frame.bytes.count == MemoryLayout<keeper_window>.size
        case .input: true
        }
    }

    /// The frame that `next` gave is done with.
    mutating func drop(_ frame: Frame) { drop(from: 0, Self.header + frame.bytes.count) }

    /// Its first bytes are done with; the rest stays a frame.
    mutating func drop(_ frame: Frame, first count: Int) {
        guard count > 0 else { return }
        var header = keeper_frame(
            kind: frame.kind.rawValue,
            size: UInt32(frame.bytes.count - count)
        )
        drop(from: Self.header, count)
        memcpy(inbox, &header, Self.header)
    }

    private mutating func drop(from start: Int, _ count: Int) {
        inboxCount -= count
        memmove(inbox + start, inbox + start + count, inboxCount - start)
    }

    // MARK: Sending

    /// Whether another frame of any size can be queued.
    var hasRoom: Bool { isBroken || Self.outboxCapacity - outboxCount >= Self.largestAnswer }
    var isSending: Bool { outboxCount > 0 }

    /// Queues a frame of at most KEEPER_LARGEST_ANSWER bytes; the caller has seen that there is
    /// room. Sends what can be sent at once.
    mutating func send(_ kind: KeeperAnswer, _ bytes: UnsafeRawBufferPointer) {
        guard !isBroken, hasRoom else { return }
        var header = keeper_frame(kind: kind.rawValue, size: UInt32(bytes.count))
        withUnsafeBytes(of: &header) { append($0) }
        append(bytes)
        sendOn()
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        let memory = outbox ?? .allocate(capacity: Self.outboxCapacity)
        outbox = memory
        if outboxStart + outboxCount + bytes.count > Self.outboxCapacity {
            memmove(memory, memory + outboxStart, outboxCount)
            outboxStart = 0
        }
        memcpy(memory + outboxStart + outboxCount, source, bytes.count)
        outboxCount += bytes.count
    }

    /// Sends as much of the queue as the socket takes. One that nobody reads any more is emptied.
    mutating func sendOn() {
        while let memory = outbox, outboxCount > 0 {
            let count = send(memory + outboxStart, outboxCount)
            if count < 0 && berth_errno() == EINTR { continue }
            if count < 0 && berth_errno() == EAGAIN { return }
            guard count > 0 else {
                isBroken = true
                outboxCount = 0
                break
            }
            outboxStart += count
            outboxCount -= count
        }
        outboxStart = 0
    }

    /// Ends it in both directions; what is queued is not sent any more.
    mutating func shutDown() {
        isBroken = true
        outboxCount = 0
        _ = shutdown(fd, CInt(SHUT_RDWR))
    }

    private func send(_ start: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        CLinux.send(fd, start, count, CInt(MSG_NOSIGNAL))
    }
}
