import CLinux

/// Writes what a container says into its log, line by line. Memory is fixed.
struct Log {
    private var output = LogStream(name: "stdout")
    private var error = LogStream(name: "stderr")
    private var writer: LogWriter

    init(into file: LogFile) { writer = LogWriter(file) }

    /// What standard output, or the terminal, has said just now.
    mutating func appendOutput(_ bytes: UnsafeBufferPointer<UInt8>) {
        writer.append(bytes, to: &output)
    }

    /// What standard error has said just now.
    mutating func appendError(_ bytes: UnsafeBufferPointer<UInt8>) {
        writer.append(bytes, to: &error)
    }

    /// Writes what was gathered.
    mutating func flush() { writer.flush() }

    /// What the log has lost and does not say.
    var loss: LogLoss { writer.loss }

    /// The run has ended: what waits for room is tried at once.
    mutating func hurry() { writer.hurry() }

    /// Ends the last lines when nobody can write any more.
    mutating func end() {
        writer.end(&output)
        writer.end(&error)
        writer.flush()
        writer.tellLoss()
    }
}

/// One of the two streams: the line that has not ended yet.
private struct LogStream {
    let name: StaticString
    let line = UnsafeMutablePointer<UInt8>.allocate(capacity: LogText.longestEntry)
    var count = 0
}

/// Turns bytes into entries, and entries into files.
private struct LogWriter {
    private var file: LogFile
    private var text = LogText()
    private var time = Timestamp()

    init(_ file: LogFile) { self.file = file }

    var loss: LogLoss { file.loss }
    mutating func hurry() { file.hurry() }
    mutating func tellLoss() { file.tellLoss() }

    mutating func flush() {
        if text.count > 0 { file.append(text.start, text.count) }
        text.drop(text.count)
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>, to stream: inout LogStream) {
        time.set(wallClock())
        split(bytes, &stream)
    }

    private mutating func split(_ bytes: UnsafeBufferPointer<UInt8>, _ stream: inout LogStream) {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while start < bytes.count {
            let newline = memchr(base + start, 10, bytes.count - start)
            let end = newline.map { UnsafeRawPointer(base).distance(to: $0) + 1 } ?? bytes.count
            if stream.count == 0 && newline != nil && end - start <= LogText.longestEntry {
                emit(UnsafeBufferPointer(rebasing: bytes[start..<end]), stream.name)
            } else {
                gather(UnsafeBufferPointer(rebasing: bytes[start..<end]), &stream)
                if newline != nil { endLine(of: &stream) }
            }
            start = end
        }
    }

    /// Adds to the line; one that gets too long is let go in parts that do not cut characters.
    private mutating func gather(_ bytes: UnsafeBufferPointer<UInt8>, _ stream: inout LogStream) {
        guard let base = bytes.baseAddress else { return }
        var taken = 0
        while taken < bytes.count {
            if stream.count == LogText.longestEntry { endPart(of: &stream) }
            let count = min(LogText.longestEntry - stream.count, bytes.count - taken)
            memcpy(stream.line + stream.count, base + taken, count)
            stream.count += count
            taken += count
        }
    }

    private mutating func endPart(of stream: inout LogStream) {
        let whole = UnsafeBufferPointer(start: UnsafePointer(stream.line), count: stream.count)
        let tail = UTF8Sequence.incompleteTail(of: whole)
        emit(UnsafeBufferPointer(rebasing: whole[..<(stream.count - tail)]), stream.name)
        memmove(stream.line, stream.line + (stream.count - tail), tail)
        stream.count = tail
    }

    mutating func endLine(of stream: inout LogStream) {
        guard stream.count > 0 else { return }
        let line = UnsafeBufferPointer(start: UnsafePointer(stream.line), count: stream.count)
        emit(line, stream.name)
        stream.count = 0
    }

    /// Ends a line that has no newline, with the run that wrote it. One that would look as if it
    /// went on in the next run is followed by an empty entry.
    mutating func end(_ stream: inout LogStream) {
        guard stream.count > 0 else { return }
        let line = UnsafeBufferPointer(start: UnsafePointer(stream.line), count: stream.count)
        if emit(line, stream.name) >= LogText.shortestPart {
            emit(UnsafeBufferPointer(start: nil, count: 0), stream.name)
        }
        stream.count = 0
    }

    /// An entry stands whole in one file: where it does not fit, the next file begins with it.
    /// Returns the length of its text.
    @discardableResult
    private mutating func emit(
        _ line: UnsafeBufferPointer<UInt8>,
        _ stream: StaticString
    ) -> Int {
        if !text.hasRoom { flush() }
        let before = text.count
        let length = text.appendEntry(line, stream: stream, time: time.text)
        guard file.isFull(with: text.count, before: before) else { return length }
        if before > 0 {
            file.append(text.start, before)
            text.drop(before)
        }
        if file.isFull(with: text.count) { file.rotate() }
        return length
    }
}
