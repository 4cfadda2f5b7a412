import Linux
import Synchronization

/// What a command is doing: live on a terminal, lines elsewhere, JSON on request.
///
/// Safe to call from any task; one lock protects the state and the order of what is written. On a
/// terminal the picture is drawn in place, ten times a second at most.
final class Progress: Sendable {
    enum Style: String {
        case tty, plain, json, quiet

        /// The value of `--progress`, where `auto` looks at the stream.
        init(option: String, on stream: Terminal.Stream = .error) {
            self = Style(rawValue: option) ?? (Terminal.canDraw(stream) ? .tty : .plain)
        }
    }

    typealias Status = ProgressState.Status

    private struct Core {
        var state = ProgressState()
        /// Something is drawn on the terminal.
        var isDrawn = false
        var ticker: Task<Void, Never>?
        /// Lines that are kept back while somebody else has the terminal; nil while nobody has.
        var held: [String]?
        /// When a transfer was last told of in JSON.
        var told: [String: Duration] = [:]
    }

    let style: Style
    private let stream: Terminal.Stream
    private let core = Mutex(Core())
    private let usesColour: Bool
    private let clock = ContinuousClock()
    private let began = ContinuousClock.now

    /// Ends what is live on the terminal.
    private static let live = Mutex<(@Sendable () -> Void)?>(nil)

    private static let heldLimit = 10_000
    private static let interval: Duration = .milliseconds(100)

    /// `stream` is stderr but where a person wishes otherwise.
    init(style: Style, usesColour: Bool, stream: Terminal.Stream = .error) {
        self.style = style
        self.stream = stream
        self.usesColour = usesColour
    }

    private var now: Duration { clock.now - began }

    /// Tells that `subject` (`Container shop-web-1`) is now `text` (`Starting`, `Started`).
    func report(_ subject: String, _ text: String, _ status: Status) {
        core.withLock { core in
            guard core.state.report(subject, text, status, at: now) else { return }
            switch style {
            // What was not done is told however quiet it is.
            case .quiet where status != .warning: break
            case .quiet, .plain: Terminal.line(" \(subject)  \(text)", to: stream)
            case .json: tell(["id": subject, "text": text, "status": status.rawValue])
            case .tty: show(&core)
            }
        }
    }

    /// Tells how far a part of `subject` is: a layer of an image.
    func transfer(_ subject: String, _ transfer: Transfer) {
        guard style != .quiet else { return }
        core.withLock { core in
            let isChange = core.state.transfer(subject, transfer, at: now)
            switch style {
            case .plain where isChange && transfer.phase != .waiting:
                Terminal.line(" \(subject)  \(transfer.id)  \(transfer.text)", to: stream)
            case .json: tell(transfer, of: subject, isChange, &core)
            case .tty: show(&core)
            case .plain, .quiet: break
            }
        }
    }

    /// What is under way, and what is being done there, in the order of its beginning.
    var working: [(subject: String, text: String)] {
        core.withLock { core in
            core.state.items.filter { $0.status == .working }.map { ($0.subject, $0.text) }
        }
    }

    /// A line that stays above what is live: the output of a build step.
    func note(_ text: String) {
        guard style != .quiet else { return }
        core.withLock { core in
            guard core.held == nil else {
                if core.held?.count ?? 0 < Self.heldLimit { core.held?.append(text) }
                return
            }
            switch style {
            case .tty, .plain:
                // Programs that a build runs write what they like.
                let isSeen = Terminal.isInteractive(stream)
                Terminal.line(isSeen ? TerminalEscaping.lines(text) : text, to: stream)
            case .json: tell(["text": text])
            case .quiet: break
            }
        }
    }

    /// A warning, above what is live and however quiet the rest is.
    func warn(_ text: String) {
        let line = "warning: \(text)"
        if style == .quiet { Self.message(line) } else { note(line) }
    }

    /// Leaves what is drawn on the terminal and begins again below it.
    func finish() {
        core.withLock { core in
            if core.isDrawn {
                draw(core.state)
                Terminal.keep(on: stream)
                TerminalCursor.show()
                Self.live.withLock { $0 = nil }
            }
            core.ticker?.cancel()
            core = Core()
        }
    }

    /// Keeps lines back, of which the first count: another program has the terminal.
    func hold() { core.withLock { $0.held = [] } }

    /// Shows what was kept back.
    func release() {
        let lines = core.withLock { core in
            defer { core.held = nil }
            return core.held ?? []
        }
        for line in lines { note(line) }
    }

    /// Ends the picture that is on the terminal, if there is one, before something else is written.
    static func leave() {
        let end = live.withLock { $0.take() }
        end?()
    }

    /// Writes a line to stderr, above the picture if there is one.
    static func message(_ text: String) { Terminal.line(text, to: .error) }

    // MARK: Terminal

    /// Draws at once what is the first, and leaves the rest to the next tick.
    private func show(_ core: inout Core) {
        guard core.ticker == nil else { return }
        TerminalCursor.hide(on: stream.number)
        Self.live.withLock { $0 = { [weak self] in self?.finish() } }
        core.isDrawn = true
        draw(core.state)
        // Cancelled by `finish`, or ends with this object.
        core.ticker = Task { [weak self] in
            while !Task.isCancelled {
                // `try?`: the only failure is the cancellation that ends the loop.
                try? await Task.sleep(for: Self.interval)
                guard let self, !Task.isCancelled else { return }
                tick()
            }
        }
    }

    private func tick() {
        core.withLock { core in
            guard core.ticker != nil, !Task.isCancelled, Terminal.isInFront(stream) else { return }
            draw(core.state)
        }
    }

    private func draw(_ state: ProgressState) {
        let size = Terminal.size(stream) ?? (columns: 80, rows: 24)
        // The last column is left free: some terminals go to the next line there.
        let picture = ProgressPicture(
            width: size.columns - 1,
            height: size.rows,
            usesColour: usesColour
        )
        Terminal.show(picture.lines(of: state, at: now), on: stream)
    }

    // MARK: JSON

    private func tell(_ members: KeyValuePairs<String, String>) {
        Terminal.line(JSONText.object(members.map { ($0.key, $0.value) }), to: stream)
    }

    private func tell(
        _ transfer: Transfer,
        of subject: String,
        _ isChange: Bool,
        _ core: inout Core
    ) {
        let now = now
        let key = "\(subject) \(transfer.id)"
        if !isChange, let last = core.told[key], now - last < Self.interval { return }
        core.told[key] = now
        Terminal.line(Self.json(of: transfer, in: subject), to: stream)
    }

    /// One transfer as an object: `id`, `parent_id`, `text` and `status` are always there,
    /// `current`, `total` and `percent` where bytes are known.
    static func json(of transfer: Transfer, in subject: String) -> String {
        let status = transfer.phase == .done ? Status.done : .working
        let words = JSONText.object([
            ("id", transfer.id), ("parent_id", subject), ("text", transfer.text),
            ("status", status.rawValue),
        ])
        guard let bytes = transfer.bytes else { return words }
        let numbers = "\"current\":\(bytes.current),\"total\":\(bytes.total)"
        return "\(words.dropLast()),\(numbers),\"percent\":\(bytes.percent)}"
    }
}
