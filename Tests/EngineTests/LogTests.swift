import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// A container's log folder that a test writes as a keeper would.
struct LogFolder {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    static func record(
        _ text: String,
        _ stream: String = "stdout",
        at nanoseconds: Int64 = 0
    ) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
            .replacing("\"", with: "\\\"")
        let time = Timestamp(nanoseconds: nanoseconds)
        return #"{"log":"\#(escaped)","stream":"\#(stream)","time":"\#(time)"}"# + "\n"
    }

    func write(_ records: [String], to name: String = "container.log") throws {
        try scratch.write(records.joined(), to: name)
    }

    func append(_ text: String, to name: String = "container.log") throws {
        let file = try FileDescriptor.open(
            scratch(name),
            .writeOnly,
            options: [.append, .create],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    /// What a keeper does when the file is full.
    func rotate() {
        for index in stride(from: 4, through: 1, by: -1) {
            rename(
                scratch("container.log.\(index)").string,
                scratch("container.log.\(index + 1)").string
            )
        }
        rename(scratch("container.log").string, scratch("container.log.1").string)
    }

    func log(tail: Int? = nil) throws -> ContainerLog {
        try ContainerLog(in: scratch.path, source: 0, tail: tail)
    }

    func texts(tail: Int? = nil) throws -> [String] { try Self.drain(try log(tail: tail)) }

    static func drain(_ log: ContainerLog) throws -> [String] {
        var texts: [String] = []
        while let line = try log.next() {
            texts.append(String(decoding: line.bytes, as: UTF8.self))
        }
        return texts
    }
}

@Suite("records of a log")
struct LogRecordParserTests {
    static func parse(_ text: String) -> LogLine {
        var text = text
        return text.withUTF8 {
            LogRecordParser.parse($0, previous: Timestamp(nanoseconds: 42)).line
        }
    }

    @Test(
        "are read with every escape",
        arguments: [
            (#"plain\n"#, "plain\n"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#"\u0000\u001b[0m\u00e9\u20ac\n"#, "\u{0}\u{1b}[0mé€\n"),
            (#"\ud83d\ude00\n"#, "😀\n"), (#"\ud83d!\n"#, "\u{fffd}!\n"), ("", ""),
            ("é€😀", "é€😀"),
        ]
    )
    func escapes(json: String, text: String) {
        let line = Self.parse(
            #"{"log":"\#(json)","stream":"stderr","time":"1970-01-01T00:00:01Z"}"#
        )
        #expect(String(decoding: line.bytes, as: UTF8.self) == text)
        #expect(line.stream == .stderr)
        #expect(line.time.nanoseconds == 1_000_000_000)
    }

    @Test("of another shape are read all the same")
    func otherShape() {
        let line = Self.parse(
            """
            { "time": "1970-01-01T00:00:01Z", "attrs": {"a": "b"}, "log": "x\\n",
             "stream": "stderr" }
            """
        )
        #expect(
            line
                == LogLine(
                    time: Timestamp(nanoseconds: 1_000_000_000),
                    stream: .stderr,
                    bytes: Array("x\n".utf8)
                )
        )
    }

    @Test(
        "that are damaged are given as they stand",
        arguments: [
            "", "{", #"{"lo"#, #"{"log":"\q","stream":"stdout","time":"x"}"#, "\0\0\0",
        ]
    )
    func damaged(text: String) {
        let line = Self.parse(text)
        #expect(line.bytes == Array("\(text)\n".utf8))
        #expect(line.time.nanoseconds == 42)
    }
}

@Suite("records that were cut off")
struct CutLogRecordTests {
    let folder: LogFolder

    init() throws { folder = try LogFolder() }

    @Test(
        "show the text that is there",
        arguments: [
            (#"{"log":"x"#, "x"), (#"{"log":"x\"#, "x"), (#"{"log":"x\u00"#, "x"),
            (#"{"log":""#, ""),
            (#"{"log":"a\"b\n"#, "a\"b"), (#"{"log":"x\n","stre"#, "x"),
            (#"{"log":"x\n","stream":"stdout","time":"1970"}"#, "x"),
        ]
    )
    func cut(record: String, text: String) throws {
        try folder.write([record + "\n", LogFolder.record("next\n")])
        #expect(try folder.texts() == [text + "\n", "next\n"])
    }

    @Test(
        "and have the next one glued to them are two lines, neither of them raw",
        arguments: [#"{"log":"half of it"#, #"{"log":"half of it\n","stream":"std"#]
    )
    func glued(record: String) throws {
        try folder.write([
            LogFolder.record("first\n"), record + LogFolder.record("next\n"),
            LogFolder.record("last\n"),
        ])
        #expect(try folder.texts() == ["first\n", "half of it\n", "next\n", "last\n"])
    }

    @Test("what a text says of records is text")
    func quoted() throws {
        let text = #"\{"log":"x","stream":"stdout"}"# + "\n"
        try folder.write([LogFolder.record(text)])
        #expect(try folder.texts() == [text])
    }

    @Test("are read again when they were taken back, and nothing else is")
    func takenBack() throws {
        try folder.write([LogFolder.record("1\n"), #"{"log":"a long one that did not f"#])
        let log = try folder.log()
        #expect(try LogFolder.drain(log) == ["1\n"])
        let whole = LogFolder.record("1\n").utf8.count
        truncate(folder.scratch("container.log").string, off_t(whole))
        #expect(try LogFolder.drain(log) == [])
        try folder.append(LogFolder.record("2\n"))
        #expect(try LogFolder.drain(log) == ["2\n"])
    }
}

@Suite("a container's log")
struct ContainerLogTests {
    let folder: LogFolder
    /// As much of a line as the keeper puts into one record.
    static let piece = String(repeating: "a", count: LogLine.shortestPiece)

    init() throws { folder = try LogFolder() }

    @Test("is empty while there is none")
    func missing() throws {
        let log = try folder.log()
        #expect(try log.next() == nil)
        try folder.write([LogFolder.record("late\n")])
        #expect(try LogFolder.drain(log) == ["late\n"])
    }

    @Test("what is written while its last lines are read is none of them", arguments: [0, 1, 2])
    func stopsAfterTail(count: Int) throws {
        try folder.write(["1\n", "2\n"].map { LogFolder.record($0) })
        let log = try ContainerLog(
            in: folder.scratch.path,
            source: 0,
            tail: count,
            stopsAfterTail: true
        )
        try folder.append(LogFolder.record("3\n"))
        #expect(try LogFolder.drain(log) == ["1\n", "2\n"].suffix(count))
        #expect(log.takeRest().isEmpty)
    }

    @Test("is read over all its files, oldest first")
    func rotated() throws {
        try folder.write([LogFolder.record("1\n"), LogFolder.record("2\n")], to: "container.log.2")
        try folder.write([LogFolder.record("3\n")], to: "container.log.1")
        try folder.write([LogFolder.record("4\n")])
        #expect(try folder.texts() == ["1\n", "2\n", "3\n", "4\n"])
    }

    @Test("goes on over rotations, and loses and repeats nothing")
    func rotation() throws {
        let log = try folder.log()
        var written: [String] = []
        var seen: [String] = []
        for index in 0..<200 {
            let text = "line \(index)\n"
            try folder.append(LogFolder.record(text))
            written.append(text)
            if index % 3 == 0 { seen += try LogFolder.drain(log) }
            if index % 7 == 0 { folder.rotate() }
        }
        seen += try LogFolder.drain(log)
        #expect(seen == written)
    }

    @Test("is held by who follows it, file after file, and by nobody else")
    func holding() throws {
        try folder.write([LogFolder.record("1\n")])
        try folder.write([LogFolder.record("2\n")], to: "container.log.1")
        let (newest, older) = (folder.scratch("container.log"), folder.scratch("container.log.1"))
        #expect(try LogFolder.drain(try folder.log()) == ["2\n", "1\n"])
        let log = try ContainerLog(in: folder.scratch.path, source: 0, tail: nil, holds: true)
        #expect(try Self.isLocked(folder.scratch.path))
        let first = try log.next()
        #expect(first?.bytes == Array("2\n".utf8))
        #expect(try Self.isLocked(older))
        #expect(try !Self.isLocked(newest))
        #expect(try !Self.isLocked(folder.scratch.path))
        #expect(try LogFolder.drain(log) == ["1\n"])
        #expect(try Self.isLocked(newest))
        #expect(try !Self.isLocked(older))
        withExtendedLifetime(log) {}
    }

    /// As a keeper asks.
    private static func isLocked(_ path: FilePath) throws -> Bool {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter { flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 }
    }

    @Test("that was dropped faster than its reader came says so")
    func gap() throws {
        try folder.write([LogFolder.record("1\n")])
        let log = try ContainerLog(in: folder.scratch.path, source: 0, tail: nil, holds: true)
        #expect(try LogFolder.drain(log) == ["1\n"])
        // What a keeper does that has waited long enough.
        #expect(chmod(folder.scratch("container.log").string, 0) == 0)
        unlink(folder.scratch("container.log").string)
        try folder.write([LogFolder.record("9\n")])
        let note = "berth: lines are missing here: the log was rotated before they were read\n"
        #expect(try LogFolder.drain(log) == [note, "9\n"])
    }

    @Test("that was deleted or emptied goes on with what is written then")
    func deleted() throws {
        try folder.write([LogFolder.record("1\n")])
        let log = try folder.log()
        #expect(try LogFolder.drain(log) == ["1\n"])
        unlink(folder.scratch("container.log").string)
        #expect(try LogFolder.drain(log) == [])
        try folder.append(LogFolder.record("a longer 2\n"))
        #expect(try LogFolder.drain(log) == ["a longer 2\n"])
        truncate(folder.scratch("container.log").string, 0)
        try folder.append(LogFolder.record("3\n"))
        #expect(try LogFolder.drain(log) == ["3\n"])
    }

    @Test("waits for the end of a record that is being written")
    func halfRecord() throws {
        let record = LogFolder.record("whole\n")
        try folder.append(String(record.prefix(20)))
        let log = try folder.log()
        #expect(try log.next() == nil)
        try folder.append(String(record.dropFirst(20)))
        #expect(try LogFolder.drain(log) == ["whole\n"])
    }

    @Test("puts the pieces of a long line together, stream by stream")
    func pieces() throws {
        let piece = Self.piece
        try folder.write([
            LogFolder.record(piece), LogFolder.record("err\n", "stderr"), LogFolder.record(piece),
            LogFolder.record("ccc\n"), LogFolder.record(piece),
        ])
        let log = try folder.log()
        #expect(try LogFolder.drain(log) == ["err\n", piece + piece + "ccc\n"])
        #expect(log.takeRest().map(\.bytes) == [Array(piece.utf8)])
        #expect(log.takeRest().isEmpty)
    }

    @Test("a line without a newline ends with its run and is there at once")
    func unendedLine() throws {
        let piece = Self.piece
        try folder.write([
            LogFolder.record("tail"), LogFolder.record("tail"), LogFolder.record(piece),
            LogFolder.record(""), LogFolder.record("next run\n"),
        ])
        #expect(try folder.texts() == ["tail", "tail", piece, "next run\n"])
        #expect(try folder.texts(tail: 3) == ["tail", piece, "next run\n"])
    }

    @Test("gives a line without an end in bounded pieces")
    func endless() throws {
        let piece = String(repeating: "x", count: 16 << 10)
        try folder.write((0..<130).map { _ in LogFolder.record(piece) })
        let log = try folder.log()
        for _ in 0..<2 {
            let line = try #require(try log.next())
            #expect(line.bytes.count == LogLine.longestBytes)
            #expect(line.goesOn)
        }
        #expect(try log.next() == nil)
    }

    @Test(
        "ends with as many lines as asked for",
        arguments: [
            (0, []), (1, ["5\n"]), (2, ["\(piece)4b\n", "5\n"]),
            (3, ["3\n", "\(piece)4b\n", "5\n"]),
            (5, ["1\n", "2\n", "3\n", "\(piece)4b\n", "5\n"]),
            (100, ["1\n", "2\n", "3\n", "\(piece)4b\n", "5\n"]),
        ] as [(Int, [String])]
    )
    func tail(count: Int, expected: [String]) throws {
        try folder.write([LogFolder.record("1\n"), LogFolder.record("2\n")], to: "container.log.1")
        try folder.write([
            LogFolder.record("3\n"), LogFolder.record(Self.piece), LogFolder.record("4b\n"),
            LogFolder.record("5\n"),
        ])
        #expect(try folder.texts(tail: count) == expected)
    }

    @Test("ends with many lines that are larger than one read", arguments: [1, 10, 3000, 5000])
    func longTail(count: Int) throws {
        let all = (0..<5000).map { "line \($0) \(String(repeating: "y", count: 90))\n" }
        try folder.write(all.map { LogFolder.record($0) })
        #expect(try folder.texts(tail: count) == all.suffix(count))
    }

    @Test("a last line without a newline counts, a backslash before an n is no newline")
    func tailWithoutEnd() throws {
        try folder.write([
            LogFolder.record("1\n"), LogFolder.record(#"2\n"#), LogFolder.record("3\n"),
            LogFolder.record("last"),
        ])
        #expect(try folder.texts(tail: 3) == ["2\\n", "3\n", "last"])
    }
}

@Suite("merged logs")
struct LogMergeTests {
    @Test("come in order of time, each in its own order")
    func order() throws {
        let folders = try (0..<3).map { _ in try LogFolder() }
        var expected: [Int64] = []
        for (index, folder) in folders.enumerated() {
            let times = (0..<100).map { Int64($0 * 3 + index) }
            expected += times
            try folder.write(times.map { LogFolder.record("\($0)\n", at: $0) })
        }
        var merge = LogMerge(
            try folders.enumerated().map {
                try ContainerLog(in: $1.scratch.path, source: $0, tail: nil)
            }
        )
        try merge.refresh()
        var seen: [Int64] = []
        while let line = try merge.next() {
            #expect(line.source == Int(line.time.nanoseconds) % 3)
            seen.append(line.time.nanoseconds)
        }
        #expect(seen == expected.sorted())
        try folders[1].append(LogFolder.record("late\n", at: 1))
        try merge.refresh()
        #expect(try merge.next()?.bytes == Array("late\n".utf8))
        #expect(try merge.next() == nil)
    }
}
