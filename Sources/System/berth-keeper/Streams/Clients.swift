import CLinux

/// Somebody who is connected to the keeper, and perhaps attached to the program's streams.
struct Client {
    var connection: Connection
    /// It is sent what the program writes.
    var isAttached = false
    /// It has said that it gives input.
    var givesInput = false
    /// It waits with input that the program does not take now.
    var isWaiting = false
    /// It sends nothing any more; what it has sent is handled still.
    var hasLeft = false
    /// Milliseconds since the machine started; 0 while there is room for what it is sent.
    fileprivate var stalledSince: Int64 = 0

    fileprivate init(_ connection: Connection) { self.connection = connection }
}

/// A fixed number of clients. The index of one is the same until it is removed.
struct Clients {
    private let clients: UnsafeMutablePointer<Client?>
    /// Milliseconds for which the program waits for a client that takes nothing; nil: for ever.
    var patience: Int64?

    static let capacity = 32
    /// A container goes on without a client that has not taken 64 KiB in this time.
    static let containersPatience: Int64 = 5000

    init(patience: Int64?) {
        clients = .allocate(capacity: Self.capacity)
        clients.initialize(repeating: nil, count: Self.capacity)
        self.patience = patience
    }

    subscript(_ index: Int) -> Client? {
        get { clients[index] }
        nonmutating _modify { yield &clients[index] }
    }

    /// Takes a connected socket; its index, or -1 when there are too many: then it is closed.
    func add(_ fd: CInt) -> Int {
        for index in 0..<Self.capacity where clients[index] == nil {
            clients[index] = Client(Connection(taking: fd))
            return index
        }
        _ = close(fd)
        return -1
    }

    /// Whether there is no room for another one.
    var areMost: Bool {
        for index in 0..<Self.capacity where clients[index] == nil { return false }
        return true
    }

    /// Whether nobody is at the other end any more of one that waits with input.
    func isGone(_ index: Int) -> Bool {
        guard let client = clients[index], client.isWaiting else { return false }
        var entry = pollfd(fd: client.connection.fd, events: 0, revents: 0)
        return poll(&entry, 1, 0) == 1 && CInt(entry.revents) & (POLLHUP | POLLERR) != 0
    }

    func remove(_ index: Int) {
        clients[index]?.connection.close()
        clients[index] = nil
    }

    func add(to table: inout PollTable) {
        for index in 0..<Self.capacity {
            guard let client = clients[index] else { continue }
            var events: CInt = client.connection.isSending ? POLLOUT : 0
            // A waiting one is heard again when the program has taken what it sent.
            if !client.isWaiting && !client.hasLeft { events |= POLLIN }
            if events != 0 {
                table.add(client.connection.fd, .stream(.client(index)), events: events)
            }
        }
    }

    /// Sends the same to all who are attached. The caller has seen that there is room.
    func send(_ kind: KeeperAnswer, _ bytes: UnsafeRawBufferPointer) {
        for index in 0..<Self.capacity where clients[index]?.isAttached == true {
            clients[index]?.connection.send(kind, bytes)
        }
    }

    // MARK: Slow clients

    /// Whether another piece of output can be sent to all who are attached. Gives up those who
    /// have stalled for too long.
    func haveRoom() -> Bool {
        var haveRoom = true
        for index in 0..<Self.capacity {
            guard let client = clients[index], client.isAttached else { continue }
            if client.connection.hasRoom {
                clients[index]?.stalledSince = 0
            } else if isGivenUp(index) {
                clients[index]?.isAttached = false
                clients[index]?.connection.shutDown()
            } else {
                haveRoom = false
            }
        }
        return haveRoom
    }

    private func isGivenUp(_ index: Int) -> Bool {
        let now = upTime()
        guard let since = clients[index]?.stalledSince, since > 0 else {
            clients[index]?.stalledSince = now
            return false
        }
        return patience.map { now - since >= $0 } ?? false
    }

    /// For poll(2): milliseconds after which `haveRoom` may say something else, -1 for never.
    var timeout: CInt {
        guard let patience else { return -1 }
        var first: Int64 = -1
        for index in 0..<Self.capacity {
            guard let since = clients[index]?.stalledSince, since > 0 else { continue }
            let left = max(0, since + patience - upTime())
            if first < 0 || left < first { first = left }
        }
        return CInt(clamping: first)
    }

    /// Waits until there is room, or nobody is left to wait for.
    func waitForRoom() {
        while !haveRoom() { waitForTaking(timeout) }
    }

    /// Waits until everything is sent, or the milliseconds are over; nil: for ever.
    func waitUntilSent(_ milliseconds: Int64?) {
        let end = milliseconds.map { upTime() + $0 }
        while isSending {
            let left = end.map { $0 - upTime() } ?? -1
            if end != nil && left <= 0 { return }
            waitForTaking(CInt(clamping: left))
        }
    }

    private var isSending: Bool {
        for index in 0..<Self.capacity where clients[index]?.connection.isSending == true {
            return true
        }
        return false
    }

    private func waitForTaking(_ timeout: CInt) {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: Self.capacity) { polls in
            var count = 0
            for index in 0..<Self.capacity {
                guard let client = clients[index], client.connection.isSending else { continue }
                let fd = client.connection.fd
                polls[count] = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
                count += 1
            }
            _ = poll(polls.baseAddress, nfds_t(count), timeout)
        }
        for index in 0..<Self.capacity { clients[index]?.connection.sendOn() }
    }
}
