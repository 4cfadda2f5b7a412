import Glibc

/// Where a node was written, small enough to be in every node. `Sources` turns it into a `Position`.
struct Mark: Hashable, Sendable {
    /// Index into `Sources`; 0 is in no file: the command line, the environment.
    var file: UInt16
    /// From 1; 0 is the file as a whole.
    var line: UInt32
    /// From 1, in characters.
    var column: UInt32

    init(file: UInt16, line: UInt32 = 0, column: UInt32 = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// What is in no file.
    static let commandLine = Mark(file: 0)
}

/// The texts a load has read, so that a mark can be shown as a person needs it.
struct Sources: Sendable {
    private struct Text: Sendable {
        var name: String
        var bytes: [UInt8]
        /// What led to the file; nil for one that the command line led to.
        var origin: Report.Origin?
        /// Where each line begins, a byte order mark left out; found when the first is asked for,
        /// since most files have nothing wrong in them.
        lazy var lineStarts: [Int] = {
            var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
            bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                var place = 0
                while let found = memchr(base + place, 0x0A, buffer.count - place) {
                    place = UnsafeRawPointer(found) - base + 1
                    starts.append(place)
                }
            }
            return starts
        }()
    }

    private var texts = [Text(name: "", bytes: [])]

    /// Registers a file; the mark returned is the file as a whole.
    mutating func add(name: String, bytes: [UInt8], origin: Report.Origin? = nil) -> Mark {
        precondition(texts.count < Int(UInt16.max), "the loader bounds the number of files")
        texts.append(Text(name: name, bytes: bytes, origin: origin))
        return Mark(file: UInt16(texts.count - 1))
    }

    /// Number of files read.
    var count: Int { texts.count - 1 }

    /// What led to the file of the mark.
    func origin(of mark: Mark) -> Report.Origin? { texts[Int(mark.file)].origin }

    /// Name the file is shown by.
    func name(of mark: Mark) -> String { texts[Int(mark.file)].name }

    func position(_ mark: Mark) -> Position {
        Position(file: name(of: mark), line: Int(mark.line), column: Int(mark.column))
    }

    /// The line of the mark without its end; nil where the mark has none.
    mutating func line(_ mark: Mark) -> String? {
        let file = Int(mark.file)
        let starts = texts[file].lineStarts
        guard mark.line > 0, mark.line <= starts.count else { return nil }
        let bytes = texts[file].bytes
        let rest = bytes[starts[Int(mark.line) - 1]...]
        var line = rest.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }

    /// Names of the files with their place in the order of reading.
    var order: [String: Int] {
        var order: [String: Int] = [:]
        for (index, text) in texts.enumerated() where order[text.name] == nil {
            order[text.name] = index
        }
        return order
    }
}
