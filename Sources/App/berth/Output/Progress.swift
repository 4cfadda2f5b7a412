import Synchronization

/// What a command is doing, on stderr: live on a terminal, lines elsewhere, JSON on request.
///
/// Safe to call from any task; one lock protects the state and the order of what is written.
final class Progress: Sendable {
    enum Style: String {
        case tty, plain, json, quiet

        /// The value of `--progress`, where `auto` looks at stderr.
        init(option: String) {
            self = Style(rawValue: option) ?? (Terminal.isInteractive(.error) ? .tty : .plain)
        }
    }

    enum Status: String {
        case working, done, failed, warning
    }

    /// One line: a container, a network, an image.
    private struct Item {
        var subject: String
        var text: String
        var status: Status
        var started: ContinuousClock.Instant
        var ended: ContinuousClock.Instant?
    }

    private struct State {
        var items: [Item] = []
        var index: [String: Int] = [:]
        /// Lines of ours on the terminal that the next drawing replaces.
        var drawn = 0
    }

    private let state = Mutex(State())
    private let style: Style
    private let usesColour: Bool
    private let clock = ContinuousClock()

    init(style: Style, usesColour: Bool) {
        self.style = style
        self.usesColour = usesColour
    }

    /// Tells that `subject` (`Container shop-web-1`) is now `text` (`Starting`, `Started`).
    func report(_ subject: String, _ text: String, _ status: Status) {
        state.withLock { state in
            let now = clock.now
            if let known = state.index[subject] {
                guard state.items[known].text != text || state.items[known].status != status else {
                    return
                }
                state.items[known].text = text
                state.items[known].status = status
                state.items[known].ended = status == .working ? nil : now
            } else {
                state.index[subject] = state.items.count
                state.items.append(
                    Item(
                        subject: subject,
                        text: text,
                        status: status,
                        started: now,
                        ended: status == .working ? nil : now
                    )
                )
            }
            write(subject, text, status, &state)
        }
    }

    /// How far `subject` is, for who watches: nothing for plain output, which tells only changes.
    func detail(_ subject: String, _ text: String) {
        guard style == .tty || style == .json else { return }
        report(subject, text, .working)
    }

    /// A line that stays above what is live: the output of a build step.
    func note(_ text: String) {
        guard style != .quiet else { return }
        state.withLock { state in
            switch style {
            case .tty:
                erase(&state)
                Terminal.line(text, to: .error)
                draw(&state)
            case .plain: Terminal.line(text, to: .error)
            case .json: Terminal.line(JSONText.object([("text", text)]), to: .error)
            case .quiet: break
            }
        }
    }

    /// Leaves what is drawn on the terminal and begins anew below it.
    func finish() {
        state.withLock { state in
            if style == .tty, !state.items.isEmpty { redraw(&state) }
            state = State()
        }
    }

    private func write(
        _ subject: String,
        _ text: String,
        _ status: Status,
        _ state: inout State
    ) {
        switch style {
        case .quiet: break
        case .plain: Terminal.line(" \(subject)  \(text)", to: .error)
        case .json:
            Terminal.line(
                JSONText.object([("id", subject), ("text", text), ("status", status.rawValue)]),
                to: .error
            )
        case .tty: redraw(&state)
        }
    }

    private func redraw(_ state: inout State) {
        erase(&state)
        draw(&state)
    }

    private func erase(_ state: inout State) {
        guard state.drawn > 0 else { return }
        Terminal.write(Array("\u{1B}[\(state.drawn)A\u{1B}[J".utf8), to: .error)
        state.drawn = 0
    }

    private func draw(_ state: inout State) {
        let width = Terminal.width(.error) ?? 80
        let done = state.items.filter { $0.status != .working }.count
        var lines = ["[+] Running \(done)/\(state.items.count)"]
        // Never more lines than fit: what is finished scrolls out of the picture first.
        let room = 20
        let working = state.items.filter { $0.status == .working }
        let rest = state.items.filter { $0.status != .working }
        let shown = state.items.count <= room ? state.items : Array((rest + working).suffix(room))
        let widest = shown.map(\.subject.count).max() ?? 0
        for item in shown { lines.append(line(item, widest: widest, width: width)) }
        Terminal.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: .error)
        state.drawn = lines.count
    }

    private func line(_ item: Item, widest: Int, width: Int) -> String {
        let (mark, colour) =
            switch item.status {
            case .working: (" ", 36)
            case .done: ("✔", 32)
            case .failed: ("✘", 31)
            case .warning: ("!", 33)
            }
        let time = HumanDuration.elapsed((item.ended ?? clock.now) - item.started)
        let padding = String(repeating: " ", count: widest - item.subject.count)
        let text = String("\(item.subject)\(padding)  \(item.text)".prefix(max(10, width - 12)))
        let gap = String(repeating: " ", count: max(1, width - text.count - time.count - 4))
        guard usesColour else { return " \(mark) \(text)\(gap)\(time)" }
        return " \u{1B}[\(colour)m\(mark)\u{1B}[0m \(text)\(gap)\u{1B}[34m\(time)\u{1B}[0m"
    }
}
