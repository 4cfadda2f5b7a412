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
        var origin: Diagnostics.Origin?
        /// Where each line begins, a byte order mark left out; found when the first is asked for,
        /// since most files have nothing wrong in them.
        lazy var lineStarts: [Int] = {
            var starts = [hasByteOrderMark ? 3 : 0]
            // YAML has more ends of a line than this one; few files have any of them.
            guard bytes.contains(0x0D) || bytes.contains(0xC2) || bytes.contains(0xE2) else {
                bytes.withUnsafeBytes { buffer in
                    guard let base = buffer.baseAddress else { return }
                    var place = 0
                    while let found = memchr(base + place, 0x0A, buffer.count - place) {
                        place = UnsafeRawPointer(found) - base + 1
                        starts.append(place)
                    }
                }
                return starts
            }
            var place = 0
            while place < bytes.count {
                let length = Self.lineEnd(bytes[place...].prefix(3))
                place += max(length, 1)
                if length > 0 { starts.append(place) }
            }
            return starts
        }()

        var hasByteOrderMark: Bool { bytes.starts(with: [0xEF, 0xBB, 0xBF]) }

        /// Length of the line end that the bytes begin with, as libyaml counts lines: LF, CR, CR LF,
        /// NEL, LS, PS; 0 when they begin with none.
        static func lineEnd(_ bytes: ArraySlice<UInt8>) -> Int {
            switch (bytes.first, bytes.dropFirst().first, bytes.dropFirst(2).first) {
            case (0x0D, 0x0A, _), (0xC2, 0x85, _): 2
            case (0x0A, _, _), (0x0D, _, _): 1
            case (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9): 3
            default: 0
            }
        }
    }

    /// So much of a line is shown, and looked into.
    static let shownBytes = 4000

    private var texts = [Text(name: "", bytes: [])]

    /// Registers a file; the mark returned is the file as a whole.
    mutating func add(name: String, bytes: [UInt8], origin: Diagnostics.Origin? = nil) -> Mark {
        precondition(texts.count < Int(UInt16.max), "the loader bounds the number of files")
        texts.append(Text(name: name, bytes: bytes, origin: origin))
        return Mark(file: UInt16(texts.count - 1))
    }

    /// Number of files read.
    var count: Int { texts.count - 1 }

    /// What led to the file of the mark.
    func origin(of mark: Mark) -> Diagnostics.Origin? { texts[Int(mark.file)].origin }

    /// The whole content of the file.
    func bytes(of mark: Mark) -> [UInt8] { texts[Int(mark.file)].bytes }

    /// Name the file is shown by.
    func name(of mark: Mark) -> String { texts[Int(mark.file)].name }

    func position(_ mark: Mark) -> Position {
        Position(file: name(of: mark), line: Int(mark.line), column: Int(mark.column))
    }

    /// The place that a person is shown: where only empty lines follow, the end of the last one that
    /// has something, since an editor may not even have the others.
    mutating func visible(_ mark: Mark) -> Mark {
        let file = Int(mark.file)
        let starts = texts[file].lineStarts
        guard mark.line > 1, !starts.isEmpty else { return mark }
        let start = starts[min(Int(mark.line), starts.count) - 1]
        let blanks: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
        guard texts[file].bytes[start...].allSatisfy(blanks.contains) else { return mark }
        var place = mark
        while place.line > 1 {
            place.line -= 1
            let text = line(place) ?? ""
            guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { continue }
            place.column = UInt32(text.distance(from: text.startIndex, to: last)) + 1
            return place
        }
        return mark
    }

    /// The line of the mark without its end, and of a very long one the beginning: the mark may be
    /// behind it. nil where the mark has no line.
    mutating func line(_ mark: Mark) -> String? {
        let file = Int(mark.file)
        let starts = texts[file].lineStarts
        guard mark.line > 0, mark.line <= starts.count else { return nil }
        let bytes = texts[file].bytes
        let start = starts[Int(mark.line) - 1]
        let end = Int(mark.line) < starts.count ? starts[Int(mark.line)] : bytes.count
        // A line is shown; one of megabytes is not shown whole.
        var line = bytes[start..<min(end, start + Self.shownBytes)]
        while line.count >= 1, Text.lineEnd(line.suffix(1)) == 1 { line.removeLast() }
        for length in [2, 3] where Text.lineEnd(line.suffix(length)) == length {
            line.removeLast(length)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Where a byte of a file is.
    mutating func mark(ofByte offset: Int, in file: Mark) -> Mark {
        let starts = texts[Int(file.file)].lineStarts
        let line = max(0, (starts.firstIndex { $0 > offset } ?? starts.count) - 1)
        let start = starts[line]
        let before = texts[Int(file.file)].bytes[start..<max(start, offset)]
        let column = String(decoding: before, as: UTF8.self).unicodeScalars.count
        return Mark(file: file.file, line: UInt32(line) + 1, column: UInt32(column) + 1)
    }

    /// Where a mark is in the bytes of its file; nil where it is in none.
    mutating func byte(of mark: Mark) -> Int? {
        let starts = texts[Int(mark.file)].lineStarts
        guard mark.line > 0, mark.line <= starts.count else { return nil }
        let bytes = texts[Int(mark.file)].bytes
        var place = starts[Int(mark.line) - 1]
        for _ in 1..<max(1, mark.column) where place < bytes.count {
            place += 1
            // The other bytes of a character of UTF-8.
            while place < bytes.count, bytes[place] & 0xC0 == 0x80 { place += 1 }
        }
        return place
    }

    /// Whether the file begins with bytes that only say how the others are to be read.
    func hasByteOrderMark(_ file: Mark) -> Bool { texts[Int(file.file)].hasByteOrderMark }

    /// Names of the files with their place in the order of reading.
    var order: [String: Int] {
        var order: [String: Int] = [:]
        for (index, text) in texts.enumerated() where order[text.name] == nil {
            order[text.name] = index
        }
        return order
    }
}
