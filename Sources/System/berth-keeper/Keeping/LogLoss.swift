import CLinux

/// Entries that the log could not take, until it can say so itself.
struct LogLoss {
    private(set) var entries: UInt64 = 0
    private(set) var bytes: UInt64 = 0
    /// Why the last of them could not be written: an errno.
    var error: Int32 = 0

    var isAny: Bool { entries > 0 }

    /// Counts whole entries.
    mutating func add(_ start: UnsafePointer<UInt8>, _ count: Int) {
        bytes &+= UInt64(count)
        for index in 0..<count where start[index] == 10 { entries &+= 1 }
    }

    /// Takes over what the run before could not say, which was put aside for this one.
    mutating func takeOver(from container: CInt) {
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC
        let fd = berth_openat(container, c(".loss"), flags, 0)
        guard fd >= 0 else { return }
        var record = keeper_loss()
        let size = MemoryLayout<keeper_loss>.size
        let offset = off_t(MemoryLayout<keeper_exit>.size)
        if pread(fd, &record, size, offset) == size {
            entries = record.entries
            bytes = record.bytes
            error = record.error
        }
        _ = close(fd)
        _ = unlinkat(container, c(".loss"), 0)
    }

    var record: keeper_loss {
        keeper_loss(entries: entries, bytes: bytes, error: error, padding: 0)
    }

    /// The entries that say it, in the place of those that are missing. Empty ones end the lines of
    /// which the first parts are there.
    func tell(in text: inout LogText, at time: UnsafeBufferPointer<UInt8>) {
        var words = ShortText(capacity: 160)
        defer { words.free() }
        words.append("berth: ")
        words.append(decimal: entries)
        words.append(entries == 1 ? " log entry (" : " log entries (")
        words.append(decimal: bytes)
        words.append(entries == 1 ? " bytes) is missing here: " : " bytes) are missing here: ")
        words.append(reason)
        if reason.utf8CodeUnitCount == 0 {
            words.append("error ")
            words.append(decimal: error)
        }
        words.append("\n")
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        text.appendEntry(nothing, stream: "stdout", time: time)
        text.appendEntry(nothing, stream: "stderr", time: time)
        let count = strlen(words.text)
        words.text.withMemoryRebound(to: UInt8.self, capacity: count) {
            let line = UnsafeBufferPointer(start: $0, count: count)
            text.appendEntry(line, stream: "stderr", time: time)
        }
    }

    /// Empty for an errno that files do not usually give.
    private var reason: StaticString {
        switch error {
        case ENOSPC: "no space left on the device"
        case EDQUOT: "the disk quota is used up"
        case EIO: "input/output error"
        case EROFS: "the file system is read-only"
        case EMFILE, ENFILE: "too many open files"
        case ENOENT: "the folder of the log is gone"
        default: ""
        }
    }
}
