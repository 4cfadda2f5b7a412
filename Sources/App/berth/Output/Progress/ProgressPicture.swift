import DockerViews
import TextForms

/// A progress as lines for a terminal: a pure function of the state, the time and the room.
struct ProgressPicture {
    /// Columns of the terminal; no line is longer.
    var width = 80
    /// Lines of the terminal; there are fewer than that, so that nothing scrolls.
    var height = 24
    var usesColour = false

    /// The lines at a moment. Without room for everything, what works stands before what is done,
    /// and what moves before what waits. A terminal of one row or one column shows none.
    func lines(of state: ProgressState, at now: Duration) -> [String] {
        guard width > 0, height > 1 else { return [] }
        let done = state.items.filter { $0.status != .working }.count
        var head = "[+] Running \(done)/\(state.items.count)"
        if let total = state.total, done < state.items.count {
            head += measures(total, rate: state.rate(at: now), bar: 0).reduce("") { "\($0)  \($1)" }
        }
        let room = max(0, height - 2)
        var rows = state.items
        if rows.count + Self.layerCount(rows) > room { rows = chosen(rows, room: room - 1) }
        let hidden = state.items.count - rows.count
        let places = sharedRoom(rows, room - rows.count - (hidden > 0 ? 1 : 0))
        let columns = Columns(rows, width: width, at: now)
        var lines = [head.cut(toColumns: width)]
        for (item, layers) in zip(rows, places) {
            lines.append(line(item, columns, at: now))
            lines += self.lines(of: item.transfers, room: layers)
        }
        if hidden > 0, room > 0 { lines.append("   … and \(hidden) more".cut(toColumns: width)) }
        return lines
    }

    /// Lines that the parts of what works would need.
    private static func layerCount(_ items: [ProgressState.Item]) -> Int {
        items.reduce(0) { $0 + ($1.status == .working ? $1.transfers.count : 0) }
    }

    /// Items in their order, without those that matter least: of what is done the earliest go
    /// first, until the layers of the rest have room.
    private func chosen(_ items: [ProgressState.Item], room: Int) -> [ProgressState.Item] {
        let live = items.filter { $0.status != .done }
        let lines = live.count + Self.layerCount(live)
        let keptDone = min(items.count - live.count, max(0, room - lines))
        let ranked = items.indices.sorted { left, right in
            let weights = (Self.weight(items[left]), Self.weight(items[right]))
            guard weights.0 == weights.1 else { return weights.0 > weights.1 }
            return weights.0 == 0 ? left > right : left < right
        }
        let count = min(max(0, room), live.count + keptDone)
        return ranked.prefix(count).sorted().map { items[$0] }
    }

    private static func weight(_ item: ProgressState.Item) -> Int {
        switch item.status {
        case .failed: 4
        case .working: item.transfers.contains { $0.phase == .running } ? 3 : 2
        case .warning: 1
        case .done: 0
        }
    }

    /// How many lines each item may use for its transfers: as evenly as their numbers allow.
    private func sharedRoom(_ items: [ProgressState.Item], _ room: Int) -> [Int] {
        var wanted = items.map { $0.status == .working ? $0.transfers.count : 0 }
        var given = Array(repeating: 0, count: items.count)
        var room = room
        while room > 0, wanted.contains(where: { $0 > 0 }) {
            for index in wanted.indices where wanted[index] > 0 && room > 0 {
                wanted[index] -= 1
                given[index] += 1
                room -= 1
            }
        }
        return given
    }

    // MARK: Lines

    /// Where what stands in a line. Without room for everything the time goes first, then the
    /// middle of names; what a thing is doing stays to the last.
    private struct Columns {
        var subject: Int
        var showsTime: Bool

        init(_ items: [ProgressState.Item], width: Int, at now: Duration) {
            subject = items.map(\.subject.displayWidth).max() ?? 0
            // A reason may be of any length; it is cut at its end.
            let text = items.map { min($0.text.displayWidth, 12) }.max() ?? 0
            let time = items.map { $0.elapsed(at: now).count }.max() ?? 0
            let room = width - 5 - text
            showsTime = subject + 1 + time <= room
            subject = min(subject, max(room, 6))
        }
    }

    private func line(_ item: ProgressState.Item, _ columns: Columns, at now: Duration) -> String {
        let (mark, colour) =
            switch item.status {
            case .working: (Self.spinner(at: now - item.started), 36)
            case .done: ("✔", 32)
            case .failed: ("✘", 31)
            case .warning: ("!", 33)
            }
        let time = columns.showsTime ? item.elapsed(at: now) : ""
        let subject = item.subject.shortened(toColumns: columns.subject)
        var text = "\(subject.padded(toColumns: columns.subject))  \(item.text)"
        let room = width - 3 - (time.isEmpty ? 0 : time.count + 1)
        if item.status == .working, let total = item.total {
            text = joined(text, measures(total, rate: item.speed.rate(at: now), bar: 20), to: room)
        }
        text = text.cut(toColumns: room)
        guard width > 3 else { return mark }
        let padded = time.isEmpty ? text : text.padded(toColumns: room + 1)
        guard usesColour else { return " \(mark) \(padded)\(time)" }
        let end = time.isEmpty ? "" : "\u{1B}[34m\(time)\u{1B}[0m"
        return " \u{1B}[\(colour)m\(mark)\u{1B}[0m \(padded)\(end)"
    }

    /// The transfers that move, then those that wait, then those that are done; the rest as one.
    private func lines(of transfers: [Transfer], room: Int) -> [String] {
        guard room > 0, !transfers.isEmpty else { return [] }
        let order: [Transfer.Phase] = [.running, .waiting, .done]
        let ranked = transfers.indices.sorted { left, right in
            let ranks = [left, right].map { order.firstIndex(of: transfers[$0].phase) ?? 0 }
            return (ranks[0], left) < (ranks[1], right)
        }
        let isWhole = transfers.count <= room
        let shown = ranked.prefix(isWhole ? room : room - 1).sorted().map { transfers[$0] }
        var lines = shown.map { transfer in
            let text = "     \(transfer.id)  \(transfer.text)"
            guard let bytes = transfer.bytes, transfer.phase == .running else {
                return text.cut(toColumns: width)
            }
            return joined(text, measures(bytes, rate: nil, bar: 20), to: width)
        }
        if !isWhole {
            let more = transfers.count - shown.count
            lines.append("     … and \(more) more".cut(toColumns: width))
        }
        return lines
    }

    /// What can be said of bytes on their way, the most important first.
    private func measures(_ bytes: ByteCount, rate: Double?, bar: Int) -> [String] {
        var parts: [String] = []
        if bar > 0 { parts.append(Self.bar(bytes, width: bar)) }
        parts.append("\(HumanSize.decimal(bytes.current))/\(HumanSize.decimal(bytes.total))")
        guard let rate, bytes.current < bytes.total else { return parts }
        parts.append("\(HumanSize.decimal(Int64(rate)))/s")
        parts.append("\(Self.left(Double(bytes.total - bytes.current) / rate)) left")
        return parts
    }

    /// A text and as many of the parts, in order, as there is room for. The bar, which is the
    /// first, is there only with all the others: it says least.
    private func joined(_ text: String, _ parts: [String], to room: Int) -> String {
        let whole = ([text] + parts).joined(separator: "  ")
        guard whole.displayWidth > room else { return whole }
        var text = text
        for part in parts.dropFirst() {
            guard text.displayWidth + 2 + part.count <= room else { break }
            text += "  \(part)"
        }
        return text.cut(toColumns: room)
    }

    private static func bar(_ bytes: ByteCount, width: Int) -> String {
        let filled = min(width, bytes.percent * width / 100)
        guard filled < width else { return "[\(String(repeating: "=", count: width))]" }
        let rest = String(repeating: " ", count: width - filled - 1)
        return "[\(String(repeating: "=", count: filled))>\(rest)]"
    }

    /// `12s`, `3m05s`, `2h10m`.
    private static func left(_ seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 359_999))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(two(whole % 60))s" }
        return "\(whole / 3600)h\(two(whole % 3600 / 60))m"
    }

    private static func spinner(at time: Duration) -> String {
        let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
        let tenths =
            time.components.seconds * 10 + time.components.attoseconds / 100_000_000_000_000_000
        return frames[Int(max(0, tenths) % Int64(frames.count))]
    }
}
