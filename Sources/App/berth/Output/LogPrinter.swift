import Engine

/// Writes the merged stream of logs: prefix, time when asked for, and the line made safe for a
/// terminal. What containers wrote to stderr goes to stderr.
struct LogPrinter {
    struct Options {
        var usesColour = false
        var showsPrefix = true
        var showsTime = false
        /// Bytes as they are, also on a terminal (`--raw`).
        var isRaw = false
    }

    private let names: [String]
    private let options: Options
    private var prefix: LogPrefix
    private let escapes: [LogLine.Stream: Bool]

    /// `names` are those of the containers, by the index that a line's `source` is.
    init(names: [String], options: Options) {
        self.names = names
        self.options = options
        prefix = LogPrefix(names: names, usesColour: options.usesColour)
        escapes = [
            .stdout: !options.isRaw && Terminal.isInteractive(.out),
            .stderr: !options.isRaw && Terminal.isInteractive(.error),
        ]
    }

    /// One write per run of lines of the same stream, in order.
    mutating func write(_ lines: [LogLine]) {
        var pending: [UInt8] = []
        var stream = LogLine.Stream.stdout
        for line in lines {
            if line.stream != stream {
                flush(&pending, stream)
                stream = line.stream
            }
            append(line, to: &pending)
        }
        flush(&pending, stream)
    }

    private mutating func append(_ line: LogLine, to bytes: inout [UInt8]) {
        if options.showsPrefix { bytes += prefix.text(names[line.source]) }
        if options.showsTime { bytes += Array("\(line.time) ".utf8) }
        var text = line.bytes[...]
        let isWhole = text.last == UInt8(ascii: "\n")
        if isWhole { text = text.dropLast() }
        bytes += escapes[line.stream] == true ? Visible.line(text) : Array(text)
        if isWhole || options.showsPrefix { bytes.append(UInt8(ascii: "\n")) }
    }

    private func flush(_ bytes: inout [UInt8], _ stream: LogLine.Stream) {
        guard !bytes.isEmpty else { return }
        Terminal.write(bytes, to: stream == .stdout ? .out : .error)
        bytes.removeAll(keepingCapacity: true)
    }
}
