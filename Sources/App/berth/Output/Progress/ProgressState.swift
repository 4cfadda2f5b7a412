/// What a command is doing, as a value: changed by what is told, drawn by `ProgressPicture`. Times
/// are since the command began.
struct ProgressState {
    enum Status: String {
        case working, done, failed, warning
    }

    /// One line: a container, a network, an image.
    struct Item {
        var subject: String
        var text: String
        var status: Status
        var started: Duration
        var ended: Duration?
        /// What it consists of: an image's layers.
        var transfers: [Transfer] = []
        var speed = SpeedMeter()

        /// How long it took, or has been taking: `0.3s`.
        func elapsed(at now: Duration) -> String {
            ProgressState.elapsed((ended ?? now) - started)
        }

        /// Bytes of all transfers of which the size is known; nil when there is none.
        var total: ByteCount? {
            let counts = transfers.compactMap(\.bytes)
            guard !counts.isEmpty else { return nil }
            return counts.reduce(into: ByteCount(current: 0, total: 0)) { sum, count in
                sum.current += count.current
                sum.total += count.total
            }
        }
    }

    private(set) var items: [Item] = []
    private var index: [String: Int] = [:]
    private var speed = SpeedMeter()

    /// Tells that a subject is now something. False when that was known. Either becomes one line
    /// that cannot steer a terminal, whatever somebody else's words hold.
    mutating func report(
        _ subject: String,
        _ text: String,
        _ status: Status,
        at now: Duration
    ) -> Bool {
        let subject = TerminalEscaping.oneLine(subject)
        let text = TerminalEscaping.oneLine(text)
        let known = place(of: subject, text, status, at: now)
        guard let known else { return true }
        guard items[known].text != text || items[known].status != status else { return false }
        items[known].text = text
        items[known].status = status
        items[known].ended = status == .working ? nil : now
        return true
    }

    /// Tells how far a part of a subject is. False when that changes only numbers.
    mutating func transfer(_ subject: String, _ transfer: Transfer, at now: Duration) -> Bool {
        let subject = TerminalEscaping.oneLine(subject)
        let place = place(of: subject, "", .working, at: now) ?? items.count - 1
        let transfers = items[place].transfers
        var isChange = true
        if let part = transfers.firstIndex(where: { $0.id == transfer.id }) {
            let old = transfers[part]
            isChange = old.text != transfer.text || old.phase != transfer.phase
            items[place].transfers[part] = transfer
            // A size that was known stays known.
            if transfer.bytes == nil, transfer.phase != .waiting {
                items[place].transfers[part].bytes = old.bytes?.complete
            }
        } else {
            items[place].transfers.append(transfer)
        }
        if let total = items[place].total { items[place].speed.note(total.current, at: now) }
        if let total { speed.note(total.current, at: now) }
        return isChange
    }

    /// Where a subject is; nil when it has just been added.
    private mutating func place(
        of subject: String,
        _ text: String,
        _ status: Status,
        at now: Duration
    ) -> Int? {
        if let known = index[subject] { return known }
        index[subject] = items.count
        items.append(
            Item(
                subject: subject,
                text: text,
                status: status,
                started: now,
                ended: status == .working ? nil : now
            )
        )
        return nil
    }

    /// Bytes of all transfers; nil when there is none.
    var total: ByteCount? {
        let counts = items.compactMap(\.total)
        guard !counts.isEmpty else { return nil }
        return counts.reduce(into: ByteCount(current: 0, total: 0)) { sum, count in
            sum.current += count.current
            sum.total += count.total
        }
    }

    /// Bytes per second of all transfers together; nil while nothing can be said.
    func rate(at now: Duration) -> Double? { speed.rate(at: now) }
}

/// A part of something on its way: a layer of an image.
struct Transfer: Equatable {
    enum Phase: Equatable {
        case waiting, running, done
    }

    /// What it is called: the first digits of a digest.
    var id: String
    /// `Downloading`, `Pull complete`.
    var text: String
    var phase: Phase
    /// nil while its size is not known, or where bytes mean nothing.
    var bytes: ByteCount?
}

/// How many bytes of how many.
struct ByteCount: Equatable {
    var current: Int64
    var total: Int64

    /// All of them.
    var complete: ByteCount { ByteCount(current: total, total: total) }
    /// 0 to 100, rounded down.
    var percent: Int { total <= 0 ? 100 : Int(min(current, total) * 100 / total) }
}

/// How fast something goes, over the last seconds.
struct SpeedMeter {
    private var samples: [(time: Duration, bytes: Int64)] = []

    private static let window: Duration = .seconds(4)
    private static let step: Duration = .milliseconds(200)

    /// Tells how many bytes there are by now.
    mutating func note(_ bytes: Int64, at now: Duration) {
        if let last = samples.last, samples.count > 1,
            now - samples[samples.count - 2].time < Self.step
        {
            samples[samples.count - 1] = (last.time, max(bytes, last.bytes))
            samples[samples.count - 1].time = now
        } else {
            samples.append((now, bytes))
        }
        while samples.count > 2, now - samples[1].time > Self.window { samples.removeFirst() }
    }

    /// Bytes per second; nil while too little is known.
    func rate(at now: Duration) -> Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let span = max(now, last.time) - first.time
        let seconds =
            Double(span.components.seconds) + Double(span.components.attoseconds) / 1e18
        guard seconds >= 0.2, last.bytes > first.bytes else { return nil }
        return Double(last.bytes - first.bytes) / seconds
    }
}

extension ProgressState {
    /// How long a step took: `0.3s`, `12.0s`.
    static func elapsed(_ duration: Duration) -> String {
        let tenths =
            (duration.components.seconds * 10)
            + duration.components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
