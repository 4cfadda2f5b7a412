import DockerViews
import Engine

/// Writes the merged stream of logs: prefix, time when asked for, and the line made safe for a
/// terminal. What containers wrote to stderr goes to stderr, unless all is to be one stream.
struct LogPrinter {
    struct Options {
        /// Where prefixes are coloured: one stream may be a terminal and the other a file.
        var coloured: Set<LogLine.Stream> = []
        /// All to stdout, as `docker compose logs` does, so that a pipe or a file gets everything.
        var isOneStream = false
        var showsPrefix = true
        var showsTime = false
        /// Times are those of a zone, with its offset; otherwise UTC, as docker's.
        var usesZone = false
        /// Only lines in which this expression is found.
        var expression: String?
        /// Capital letters or small ones, of the expression.
        var ignoresCase = false
        /// Of lines that are JSON objects only these members.
        var fields: [String] = []
        /// Stands before each line, after its time (`--details`).
        var details: String?
        /// Bytes as they are, also on a terminal (`--raw`).
        var isRaw = false
    }

    private let options: Options
    private var prefix: LogPrefix
    private let pattern: NamePattern?
    private let escapes: [LogLine.Stream: Bool]

    /// `names` are those that will appear, for the width of the prefix.
    init(names: [String], options: Options) {
        self.options = options
        prefix = LogPrefix(names: names)
        pattern = options.expression.flatMap { NamePattern($0, ignoresCase: options.ignoresCase) }
        escapes = [
            .stdout: !options.isRaw && Terminal.isInteractive(.out),
            .stderr: !options.isRaw && Terminal.isInteractive(.error),
        ]
    }

    /// One write per run of lines of the same stream, in order. `names` are those of the
    /// containers, by the index that a line's `source` is.
    mutating func write(_ lines: [LogLine], names: [String]) {
        var pending: [UInt8] = []
        var stream = LogLine.Stream.stdout
        for line in lines where pattern.map({ line.isFound(by: $0) }) ?? true {
            let target = options.isOneStream ? .stdout : line.stream
            if target != stream {
                flush(&pending, stream)
                stream = target
            }
            append(line, for: target, name: names[line.source], to: &pending)
        }
        flush(&pending, stream)
    }

    /// A line of ours among the others, told apart from what programs say: `web-1 exited with code 0`.
    mutating func note(_ text: String, name: String) {
        let usesColour = options.coloured.contains(.stdout)
        Terminal.write(prefix.note(text, about: name, usesColour: usesColour))
    }

    /// A line of ours about no container.
    func announce(_ text: String) {
        let usesColour = options.coloured.contains(.stdout)
        Terminal.write(prefix.announcement(text, usesColour: usesColour))
    }

    /// What a hook wrote, marked as docker compose does it.
    mutating func showHook(_ text: String, name: String) {
        var bytes: [UInt8] = []
        var lines = Array(text.utf8).split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        )
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            append(
                LogLine(time: .now(), stream: .stdout, bytes: Array(line)),
                for: .stdout,
                name: name,
                mark: " ->",
                to: &bytes
            )
        }
        flush(&bytes, .stdout)
    }

    private mutating func append(
        _ line: LogLine,
        for stream: LogLine.Stream,
        name: String,
        mark: String = "",
        to bytes: inout [UInt8]
    ) {
        if options.showsPrefix {
            bytes += prefix.text(name, mark: mark, usesColour: options.coloured.contains(stream))
        }
        if options.showsTime {
            let time = options.usesZone ? HumanTime.nanoseconds(line.time) : "\(line.time)"
            bytes += Array("\(time) ".utf8)
        }
        if let details = options.details { bytes += Array("\(details) ".utf8) }
        var text = line.text
        if !options.fields.isEmpty, let fields = LogFields.of(text, options.fields) {
            text = Array(fields.utf8)[...]
        }
        bytes += escapes[stream] == true ? TerminalEscaping.logLine(text) : Array(text)
        if !line.goesOn || options.showsPrefix { bytes.append(UInt8(ascii: "\n")) }
    }

    private func flush(_ bytes: inout [UInt8], _ stream: LogLine.Stream) {
        guard !bytes.isEmpty else { return }
        Terminal.write(bytes, to: stream == .stdout ? .out : .error)
        bytes.removeAll(keepingCapacity: true)
    }
}

extension LogLine {
    /// Without its newline.
    fileprivate var text: ArraySlice<UInt8> {
        bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
    }

    /// Whether the line, without its colours, has it.
    fileprivate func isFound(by pattern: NamePattern) -> Bool {
        let words = String(decoding: text, as: UTF8.self)
        return pattern.isFound(
            in: words.contains("\u{1B}") ? words.replacing(Self.colour, with: "") : words
        )
    }

    private static var colour: Regex<Substring> { /\u{1B}\[[0-9;]*m/ }
}

extension OutputSettings {
    /// Which streams of containers are shown in colour, unless `no`.
    func colouredLogs(unless no: Bool) -> Set<LogLine.Stream> {
        guard !no else { return [] }
        var streams: Set<LogLine.Stream> = []
        if usesColour(on: .out) { streams.insert(.stdout) }
        if usesColour(on: .error) { streams.insert(.stderr) }
        return streams
    }
}
