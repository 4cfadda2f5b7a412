import Synchronization

/// What a supervisor may serve at once of either kind, so that senders of datagrams, whom anybody can
/// forge, take nothing from connections.
struct RelayShares: Sendable {
    /// Two sockets each.
    var streams: RelayShare
    /// A socket each, and what waits on it.
    var datagrams: RelayShare

    /// Of what the process may have open, connections may take a quarter, and senders an eighth.
    init(descriptorLimit: UInt64) {
        streams = RelayShare(places: descriptorLimit / 4 / 2)
        datagrams = RelayShare(places: descriptorLimit / 8 / 2)
    }

    /// What connections and senders have open now.
    var descriptorsInUse: UInt64 { 2 * UInt64(streams.inUse + datagrams.inUse) }
}

/// How much a supervisor may serve at once for all ports of its containers. A port may have as many
/// places as are still free: so one that is busy, or held by idle clients, always leaves some for the others.
final class RelayShare: Sendable {
    private let places: Int
    private let counted = Atomic<Int>(0)

    private static let least: UInt64 = 16
    private static let most: UInt64 = 16384

    /// With so many places, within reason.
    init(places: UInt64) { self.places = Int(min(max(places, Self.least), Self.most)) }

    /// Of all ports.
    var inUse: Int { counted.load(ordering: .relaxed) }

    /// What one port that is alone may have.
    var ofOnePort: Int { places / 2 }

    /// The share of one more port.
    func port() -> PortShare { PortShare(of: self) }

    /// One more of a port that has `own`, for a client that has `clients` of them.
    fileprivate func begin(having own: Int, clients: Int) -> Bool {
        let others = counted.add(1, ordering: .relaxed).oldValue
        let free = places - others
        if own < free, clients < free - own { return true }
        end()
        return false
    }

    fileprivate func end() { counted.subtract(1, ordering: .relaxed) }
}

/// What one port has of the share.
final class PortShare: Sendable {
    private let whole: RelayShare
    private let counted = Atomic<Int>(0)
    private let isFull = Atomic<Bool>(false)

    fileprivate init(of whole: RelayShare) { self.whole = whole }

    /// Whether one more may begin, for a client that has so many; then `end` ends it. A client may have as
    /// many as others may still have: a third of all where it is alone. `isFirst` is called the first time
    /// that none may.
    func begin(forClientWith clients: Int = 0, isFirst: (_ served: Int) -> Void) -> Bool {
        let own = counted.add(1, ordering: .relaxed).oldValue
        if whole.begin(having: own, clients: clients) { return true }
        counted.subtract(1, ordering: .relaxed)
        if !isFull.exchange(true, ordering: .relaxed) { isFirst(own) }
        return false
    }

    func end() {
        counted.subtract(1, ordering: .relaxed)
        whole.end()
    }
}
