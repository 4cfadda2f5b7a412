import Glibc
import Linux
import SystemPackage

/// Reads one log file forwards, record by record, and goes on when the file has grown.
struct LogFileCursor: ~Copyable {
    private let file: OwnedFD
    private let path: FilePath
    /// Which file this is, whatever it is called by now.
    let inode: UInt64
    /// Where the next read happens.
    private var offset: Int64
    private var buffer: [UInt8]
    /// The part of the buffer that is not given out yet.
    private var unread: Range<Int>
    private var lastTime: Timestamp
    /// The last read came to the end of the file.
    private var isAtEnd = false

    private static let chunkBytes = 256 << 10

    /// Opens a file for reading from an offset that begins a record; nil when there is none.
    ///
    /// `holding` keeps the keeper from dropping what follows this file before it is open: the lock
    /// lasts as long as the cursor. Of a file that was dropped while it was opened there is none.
    static func open(
        _ path: FilePath,
        from offset: Int64 = 0,
        holding: Bool = false
    ) throws(SyscallError) -> LogFileCursor? {
        do {
            let file = try openFile(path, O_RDONLY | O_NOFOLLOW)
            if holding {
                try LogHold.lock(file, path)
                if try status(file, path).st_nlink == 0 { return nil }
            }
            return try LogFileCursor(file, path, offset)
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    /// What followed this file was dropped although it is held: the keeper does not wait for a
    /// reader without end, and says so by taking all rights of the file away.
    func isCutOff() throws(SyscallError) -> Bool {
        try Self.status(file, path).st_mode & 0o777 == 0
    }

    /// The time of the record that was given out last.
    var timeReached: Timestamp { lastTime }

    private init(
        _ file: consuming OwnedFD,
        _ path: FilePath,
        _ offset: Int64
    ) throws(SyscallError) {
        let status = try Self.status(file, path)
        self.file = file
        self.path = path
        inode = UInt64(status.st_ino)
        self.offset = offset
        buffer = []
        unread = 0..<0
        lastTime = Timestamp(nanoseconds: 0)
    }

    /// The next whole record; nil when there is none yet. The beginning of one that is still being
    /// written waits for its newline.
    mutating func next() throws(SyscallError) -> LogLine? {
        var searched = 0
        while true {
            if let end = newline(skipping: searched) { return parse(until: end) }
            // The beginning of a record may have been cut off since, and another one written there.
            if isAtEnd { takeBack() }
            searched = unread.count
            guard try fill() else { return nil }
        }
    }

    private mutating func parse(until end: Int) -> LogLine {
        let (line, taken) = buffer.withUnsafeBufferPointer {
            LogRecordParser.parse(
                UnsafeBufferPointer(rebasing: $0[unread.lowerBound..<end]),
                previous: lastTime
            )
        }
        let next = unread.lowerBound + taken
        unread = (next == end ? end + 1 : next)..<unread.upperBound
        lastTime = line.time
        return line
    }

    /// Reads again what is unread.
    private mutating func takeBack() {
        offset -= Int64(unread.count)
        unread = unread.lowerBound..<unread.lowerBound
        isAtEnd = false
    }

    /// What stands at the end without a newline, once the file is complete (after a crash).
    mutating func takeRest() -> LogLine? {
        guard !unread.isEmpty else { return nil }
        let line = buffer.withUnsafeBufferPointer {
            LogRecordParser.parse(UnsafeBufferPointer(rebasing: $0[unread]), previous: lastTime)
                .line
        }
        unread = 0..<0
        return line
    }

    private func newline(skipping searched: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            let start = unread.lowerBound + searched
            guard let base = bytes.baseAddress, start < unread.upperBound,
                let found = memchr(base + start, 10, unread.upperBound - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Reads on behind what is unread; false at the end of the file.
    private mutating func fill() throws(SyscallError) -> Bool {
        if try wasTruncated() {
            // Somebody emptied the file (`truncate -s 0`): what is written from now on counts.
            offset = 0
            unread = 0..<0
        }
        if unread.lowerBound > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + unread.lowerBound, unread.count)
            }
            unread = 0..<unread.count
        }
        let wanted = unread.upperBound + Self.chunkBytes
        if buffer.count < wanted {
            buffer.append(contentsOf: repeatElement(0, count: wanted - buffer.count))
        }
        let (end, offset, path) = (unread.upperBound, offset, path)
        let size = buffer.count - end
        var target = buffer
        buffer = []
        let count = try file.with { fd throws(SyscallError) in
            try syscall("read", on: path.string) {
                target.withUnsafeMutableBytes { bytes in
                    bytes.baseAddress.map { pread(fd, $0 + end, size, off_t(offset)) } ?? 0
                }
            }
        }
        buffer = target
        self.offset += Int64(count)
        unread = unread.lowerBound..<end + count
        isAtEnd = count < size
        return count > 0 && newline(skipping: 0) != nil || !isAtEnd
    }

    private func wasTruncated() throws(SyscallError) -> Bool {
        Int64(try Self.status(file, path).st_size) < offset
    }

    private static func status(
        _ file: borrowing OwnedFD,
        _ path: FilePath
    ) throws(SyscallError) -> stat {
        var status = stat()
        _ = try file.with { fd throws(SyscallError) in
            try syscall("fstat", on: path.string) { fstat(fd, &status) }
        }
        return status
    }
}
