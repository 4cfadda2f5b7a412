/// Cuts a Dockerfile into logical lines: comments and blank lines go, continuations are joined.
struct LineReader {
    /// Longest physical line; BuildKit's limit.
    static let maximumLineBytes = 65_535

    /// A logical line, numbered from 1.
    struct Line: Equatable {
        var text: String
        var lines: ClosedRange<Int>
        var surroundings = Surroundings()
    }

    /// What is written around an instruction and means nothing to it.
    struct Surroundings: Equatable {
        /// The comments right above, without anything between, each with its line.
        var comments: [(line: Int, text: String)] = []
        /// A line that continues it is blank.
        var hasEmptyContinuation = false
        /// Blanks in front of it.
        var indentation = 0

        static func == (left: Surroundings, right: Surroundings) -> Bool { true }
    }

    private let lines: [Substring.UTF8View]
    private let escape: UInt8
    private var position = 0
    /// The line that was read last ended with a carriage return and a newline.
    private var endedWithReturn = false

    init(_ text: String, escape: Unicode.Scalar) {
        lines = Self.split(text)
        self.escape = UInt8(ascii: escape)
    }

    /// The lines of a text as they are counted, without their ends and without a byte order mark:
    /// only a newline ends one, and no other character that Unicode takes for an end.
    static func physicalLines(of text: String) -> [Substring] {
        split(text).map { Substring($0.last == ASCII.carriageReturn ? $0.dropLast() : $0) }
    }

    private static func split(_ text: String) -> [Substring.UTF8View] {
        var bytes = Substring(text).utf8
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        return bytes.split(separator: ASCII.newline, omittingEmptySubsequences: false)
    }

    /// Lines that are too long to be read.
    var tooLong: [Int] {
        lines.indices.filter { lines[$0].count > Self.maximumLineBytes }.map { $0 + 1 }
    }

    /// Number of the last line that was read.
    var lineNumber: Int { position }

    /// The next line that holds an instruction.
    mutating func next() -> Line? {
        var around = Surroundings()
        while let first = read() {
            let number = position
            let stripped = first.drop(while: ASCII.isBlank)
            if stripped.first == ASCII.hash {
                around.comments.append((number, String(decoding: stripped, as: UTF8.self)))
                continue
            }
            var (text, goesOn) = withoutContinuation(stripped)
            if text.isEmpty, !goesOn {
                around = Surroundings()
                continue
            }
            around.indentation = first.count - stripped.count
            while goesOn, let line = read() {
                let visible = line.drop(while: ASCII.isBlank)
                if visible.isEmpty { around.hasEmptyContinuation = true }
                if visible.isEmpty || visible.first == ASCII.hash { continue }
                let part: [UInt8]
                (part, goesOn) = withoutContinuation(line)
                text += part
            }
            let decoded = String(decoding: text, as: UTF8.self)
            if decoded.trimmingBlanks().isEmpty { continue }
            return Line(text: decoded, lines: number...position, surroundings: around)
        }
        return nil
    }

    /// Reads the lines of a here-document; false when its end is missing.
    ///
    /// Where the line that opens it ends with a carriage return, the carriage returns at the ends
    /// of its lines are the file's way of ending lines, and no content: a shell would read them as
    /// part of its words. BuildKit keeps them.
    mutating func readBody(of heredoc: inout Heredoc) -> Bool {
        var body: [UInt8] = []
        let terminator = Array(heredoc.name.utf8)
        while position < lines.count {
            var line = lines[position]
            let isLast = position == lines.count - 1
            position += 1
            if line.last == ASCII.carriageReturn { line = line.dropLast() }
            let candidate = heredoc.stripsTabs ? line.drop { $0 == ASCII.tab } : line
            if candidate.elementsEqual(terminator) {
                heredoc.content = String(decoding: body, as: UTF8.self)
                return true
            }
            if isLast { break }
            body += endedWithReturn ? line : lines[position - 1]
            body.append(ASCII.newline)
        }
        return false
    }

    /// A physical line without the end of line.
    private mutating func read() -> Substring.UTF8View? {
        guard position < lines.count else { return nil }
        let line = lines[position]
        // What follows the last newline is no line when it is empty.
        if position == lines.count - 1, line.isEmpty {
            return nil
        }
        position += 1
        endedWithReturn = line.last == ASCII.carriageReturn
        return endedWithReturn ? line.dropLast() : line
    }

    /// An escape character at the end of a line, unless escaped itself, takes the next line in.
    private func withoutContinuation(_ line: Substring.UTF8View) -> ([UInt8], Bool) {
        var rest = line
        while let last = rest.last, last == ASCII.blank || last == ASCII.tab {
            rest = rest.dropLast()
        }
        guard rest.last == escape else { return (Array(line), false) }
        rest = rest.dropLast()
        return rest.last == escape ? (Array(line), false) : (Array(rest), true)
    }
}
