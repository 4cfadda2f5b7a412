import Glibc
import Linux
import SystemPackage

/// Finds where the last lines of a log begin, reading backwards from its end: the cost grows with
/// the lines asked for and not with the log.
enum LogTail {
    /// The file and offset from which `lines` lines are left; nil without any file.
    static func start(
        of files: [ContainerLog.File],
        lines: Int
    ) throws(SyscallError) -> (path: FilePath, offset: Int64)? {
        var counter = Counter(wanted: lines)
        for file in files {
            if let offset = try offset(in: file, &counter) { return (file.path, offset) }
        }
        return files.last.map { ($0.path, 0) }
    }

    /// Counts lines from the end, where a line may be several records.
    private struct Counter {
        var wanted: Int
        var seen = 0
        var isFirst = true

        /// Takes the record before the ones taken so far; true when it is the end of a line that
        /// is not wanted any more.
        mutating func take(_ record: UnsafeRawBufferPointer) -> Bool {
            let isEnd = LogTail.endsLine(record)
            defer { isFirst = false }
            if isEnd {
                if seen == wanted { return true }
                seen += 1
            } else if isFirst {
                // The container's last words had no newline: they are a line all the same.
                if wanted == 0 { return true }
                seen = 1
            }
            return false
        }
    }

    /// Where in this file the wanted lines begin; nil when that is in an older one.
    private static func offset(
        in file: ContainerLog.File,
        _ counter: inout Counter
    ) throws(SyscallError) -> Int64? {
        let fd = try openFile(file.path, O_RDONLY | O_NOFOLLOW)
        let untouched = counter
        var size = min(file.size, 64 << 10)
        while true {
            let start = file.size - size
            let bytes = try read(fd, from: start, count: Int(size), file.path)
            counter = untouched
            if let found = search(bytes, isWhole: start == 0, &counter) {
                return start + Int64(found)
            }
            if start == 0 { return nil }
            size = min(file.size, size * 4)
        }
    }

    private static func search(
        _ bytes: [UInt8],
        isWhole: Bool,
        _ counter: inout Counter
    ) -> Int? {
        bytes.withUnsafeBytes { (bytes) -> Int? in
            var end = bytes.count
            // What follows the last newline is still being written: it is no record yet.
            while end > 0, bytes[end - 1] != 10 { end -= 1 }
            while end > 0 {
                var start = end - 1
                while start > 0, bytes[start - 1] != 10 { start -= 1 }
                if start == 0, !isWhole { return nil }
                let record = UnsafeRawBufferPointer(rebasing: bytes[start..<end - 1])
                if counter.take(record) { return end }
                end = start
            }
            return nil
        }
    }

    /// Whether the text of a record ends in a newline. A record of an unknown shape counts as one.
    static func endsLine(_ record: UnsafeRawBufferPointer) -> Bool {
        let mark = Array(#"","stream":""#.utf8)
        guard record.count >= mark.count else { return true }
        // Behind the text are at most the stream's name and the time.
        var index = record.count - mark.count
        let limit = max(0, index - 80)
        while !record[index..<index + mark.count].elementsEqual(mark) {
            if index == limit { return true }
            index -= 1
        }
        let isNewline =
            index >= 2 && record[index - 1] == UInt8(ascii: "n")
            && backslashes(before: index - 1, in: record) % 2 == 1
        // Only a record of this length can be a piece: what its escapes stand for is shorter.
        return isNewline || index < LogLine.shortestPiece
            || textCount(record[..<index])
                < LogLine.shortestPiece
    }

    private static func backslashes(before end: Int, in record: UnsafeRawBufferPointer) -> Int {
        var count = 0
        while count < end, record[end - 1 - count] == UInt8(ascii: "\\") { count += 1 }
        return count
    }

    /// How many bytes the text of a record stands for.
    private static func textCount(_ text: Slice<UnsafeRawBufferPointer>) -> Int {
        guard let start = text.firstIndex(of: UInt8(ascii: ":")) else { return 0 }
        var index = start + 2
        var count = 0
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "\\"), index + 1 < text.endIndex else {
                (index, count) = (index + 1, count + 1)
                continue
            }
            guard text[index + 1] == UInt8(ascii: "u"), index + 5 < text.endIndex else {
                (index, count) = (index + 2, count + 1)
                continue
            }
            // What the keeper escapes so: control characters, U+2028, U+2029, U+FFFD.
            count += text[index + 2] == UInt8(ascii: "0") ? 1 : 3
            index += 6
        }
        return count
    }

    private static func read(
        _ fd: borrowing OwnedFD,
        from offset: Int64,
        count: Int,
        _ path: FilePath
    ) throws(SyscallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let done = filled
            let got = try fd.with { fd throws(SyscallError) in
                try syscall("read", on: path.string) {
                    bytes.withUnsafeMutableBytes { bytes in
                        bytes.baseAddress.map {
                            pread(fd, $0 + done, count - done, off_t(offset) + off_t(done))
                        } ?? 0
                    }
                }
            }
            if got == 0 { break }
            filled += got
        }
        return Array(bytes[..<filled])
    }
}
