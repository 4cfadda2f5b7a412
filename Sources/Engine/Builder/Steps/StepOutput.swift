/// What a program in a build says, as far as it is shown: BuildKit's limit, since a program that does
/// not stop to write would bury everything else.
struct StepOutput {
    private var lines = OutputLines()
    private var bytes = 0
    /// The last lines that were not shown.
    private(set) var unshown: [String] = []

    /// What is shown of one step, ends of lines included.
    private static let limitBytes = 2 << 20
    private static let clipped = "[output clipped, log limit 2MiB reached]"
    /// Where a step fails, its last lines mostly say why.
    private static let lastLines = 10

    /// Takes more bytes and gives the lines to show.
    mutating func add(_ bytes: [UInt8]) -> [String] { shown(of: lines.add(bytes)) }

    /// What is left at the end.
    mutating func finish() -> [String] { shown(of: lines.finish()) }

    private mutating func shown(of complete: [String]) -> [String] {
        var shown: [String] = []
        for line in complete {
            let wasClipped = bytes > Self.limitBytes
            if !wasClipped { bytes += line.utf8.count + 1 }
            guard bytes > Self.limitBytes else {
                shown.append(line)
                continue
            }
            if !wasClipped { shown.append(Self.clipped) }
            if unshown.count == Self.lastLines { unshown.removeFirst() }
            unshown.append(line)
        }
        return shown
    }
}

/// Cuts a stream of bytes into lines.
struct OutputLines {
    private var rest: [UInt8] = []

    /// A line that does not end is cut here, so that a program cannot fill our memory.
    private static let maximumBytes = 16 << 10

    /// Takes more bytes and gives the lines that are complete.
    mutating func add(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == ASCII.newline {
                lines.append(take())
            } else {
                rest.append(byte)
                if rest.count == Self.maximumBytes { lines.append(take()) }
            }
        }
        return lines
    }

    /// What is left at the end.
    mutating func finish() -> [String] { rest.isEmpty ? [] : [take()] }

    /// Of a line that a program wrote again and again, what a terminal would show at the end.
    private mutating func take() -> String {
        if rest.last == ASCII.carriageReturn { rest.removeLast() }
        defer { rest.removeAll(keepingCapacity: true) }
        let start = rest.lastIndex(of: ASCII.carriageReturn).map { $0 + 1 } ?? 0
        return String(decoding: rest[start...], as: UTF8.self)
    }
}
