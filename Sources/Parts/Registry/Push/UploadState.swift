import FoundationEssentials

/// The life of one blob's upload, without any I/O: what to ask of the registry next, from what it
/// has answered. OCI distribution-spec, "Pushing blobs".
///
/// The whole blob goes in one request. Pieces are for registries that want them, and for going on
/// with what a failure has left there.
struct UploadState: Equatable {
    let size: Int64
    /// Largest piece; nil while everything goes at once.
    private(set) var pieceBytes: Int64?
    /// The session at the registry; nil before it has begun.
    private(set) var location: URL?
    /// Attempts that failed since the registry last took something new.
    private(set) var failures = 0
    /// How much the registry has.
    private(set) var received: Int64 = 0
    private var leastPiece: Int64 = 1
    /// How much the registry has ever had: what it forgets and takes again is no progress.
    private var furthest: Int64 = 0

    /// Pieces for a registry, or a proxy before it, that finds a request too large.
    static let smallPiece: Int64 = 8 << 20

    init(size: Int64, pieceBytes: Int64? = nil) {
        self.size = size
        self.pieceBytes = pieceBytes
    }

    enum Action: Equatable {
        /// POST: a session.
        case begin
        /// PUT with the digest: everything from an offset on, and the end.
        case complete(URL, from: Int64)
        /// PATCH: a piece.
        case send(URL, Range<Int64>)
        /// GET: how far the registry has come.
        case askStatus(URL)
        /// HEAD: whether the blob is there although no answer said so.
        case lookUp
        case finish
        /// Nothing helps; the event's cause says why.
        case giveUp
    }

    enum Event: Equatable {
        /// A session, and the least size of a piece if the registry names one.
        case begun(URL, leastPiece: Int64?)
        /// The registry has everything up to an offset.
        case holds(upTo: Int64, URL)
        case committed
        case found(Bool)
        /// An answer that is an error.
        case refused(status: Int)
        /// No answer.
        case broken
    }

    /// What was asked last.
    private var asked = Action.begin

    mutating func handle(_ event: Event) -> Action {
        asked = next(after: event)
        return asked
    }

    private mutating func next(after event: Event) -> Action {
        switch (asked, event) {
        case (_, .committed), (_, .found(true)): return .finish
        case (_, .begun(let url, let least)):
            location = url
            received = 0
            leastPiece = max(1, least ?? 1)
            return sendRest(to: url)
        case (_, .holds(let offset, let url)):
            location = url
            guard (0...size).contains(offset) else { return restart() }
            if offset > furthest {
                failures = 0
                furthest = offset
            } else if case .send = asked, offset <= received {
                failures += 1
            }
            received = offset
            return goOn(at: url)
        case (_, .found(false)): return location.map { .askStatus($0) } ?? .begin
        case (.complete(let url, _), .refused(413)) where pieceBytes == nil:
            // Perhaps a proxy's limit: a session that took nothing is still good.
            pieceBytes = max(Self.smallPiece, leastPiece)
            failures += 1
            return .askStatus(url)
        case (.send(let url, _), .refused(413)) where (pieceBytes ?? 0) > max(leastPiece, 1 << 16):
            pieceBytes = max(leastPiece, (pieceBytes ?? Self.smallPiece) / 4)
            return .askStatus(url)
        case (.send(let url, _), .refused(416)):
            failures += 1
            return .askStatus(url)
        case (.complete, .refused(let status)):
            guard status == 404 || status == 416 || Self.mayPass(status) else { return .giveUp }
            failures += 1
            return .lookUp
        case (.askStatus, .refused(let status)):
            guard status != 401, status != 403 else { return .giveUp }
            return restart()
        case (_, .refused(404)) where asked != .begin && asked != .lookUp: return restart()
        case (_, .refused(let status)):
            guard Self.mayPass(status) else { return .giveUp }
            failures += 1
            return retry()
        case (_, .broken):
            failures += 1
            return retry()
        }
    }

    /// Answers that another attempt may not get.
    static func mayPass(_ status: Int) -> Bool { Transport.Busy.statuses.contains(status) }

    /// After an attempt when it is unknown how much arrived.
    private func retry() -> Action {
        switch asked {
        case .begin, .lookUp: asked
        case .complete: .lookUp
        case .askStatus: .begin
        case .send(let url, _): .askStatus(url)
        case .finish, .giveUp: .giveUp
        }
    }

    private mutating func restart() -> Action {
        failures += 1
        location = nil
        return .begin
    }

    /// Sends what a new session needs.
    private func sendRest(to url: URL) -> Action {
        pieceBytes == nil ? .complete(url, from: 0) : goOn(at: url)
    }

    /// The next piece from where the registry is, or the end.
    private func goOn(at url: URL) -> Action {
        guard received < size else { return .complete(url, from: size) }
        let piece = max(pieceBytes ?? size, leastPiece)
        return .send(url, received..<min(size, received + piece))
    }
}
