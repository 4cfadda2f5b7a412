import CLinux

/// `log/container.log` and the older ones, `container.log.1` being the youngest of them.
struct LogFile {
    private let folder: CInt
    private let limit: Int64
    private let files: Int32
    private var fd: CInt
    private var size: Int64 = 0
    private var checkedAt: Int64 = 0
    /// Until then nothing is written, since nothing could be.
    private var pausedUntil: Int64 = 0
    /// What could not be written, and is not said in the log yet.
    private(set) var loss = LogLoss()
    private var notice = LogText(capacity: 1024)
    private var noticeTime = Timestamp()
    /// Why there is no file.
    private var openError: Int32 = 0
    /// The file that rotation dropped last. While a reader holds a lock on it, that reader has not
    /// come to what followed it.
    private var dropped: CInt = -1
    /// How much longer than its limit the file may be, since a reader is behind.
    private var allowance: Int64 = 0
    /// The most of it, and how much is added at a time.
    private static let (mostAllowance, allowanceStep) = (Int64(16 << 20), Int64(64 << 10))

    /// Goes on where an earlier run ended. nil with errno.
    init?(folder container: CInt, limit: Int64, files: Int32) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        folder = berth_openat(container, c("log"), flags, 0)
        self.limit = limit
        self.files = files
        fd = -1
        guard folder >= 0, open() else { return nil }
        loss.takeOver(from: container)
    }

    /// Would `more` bytes make the file longer than it may be? The first entry always fits:
    /// `before` of the bytes are entries that wait to be written.
    func isFull(with more: Int, before: Int = 0) -> Bool {
        size + Int64(before) > 0 && size + Int64(more) > limit + allowance
    }

    /// Writes whole entries. A full disk loses them and not the container; the log then leaves
    /// what becomes free to others for a second, and says what is missing before it goes on.
    mutating func append(_ start: UnsafePointer<UInt8>, _ count: Int) {
        reopenIfGone()
        if pausedUntil > 0 && upTime() < pausedUntil { return loss.add(start, count) }
        pausedUntil = 0
        let written = tellLoss() ? put(start, count) : 0
        if written < count { loss.add(start + written, count - written) }
    }

    /// The run has ended: what waits for room is tried once more, and at once.
    mutating func hurry() { pausedUntil = 0 }

    /// Says in the log what is missing there. False when even that cannot be written.
    @discardableResult
    mutating func tellLoss() -> Bool {
        guard loss.isAny else { return true }
        notice.drop(notice.count)
        noticeTime.set(wallClock())
        loss.tell(in: &notice, at: noticeTime.text)
        guard put(notice.start, notice.count) == notice.count else { return false }
        loss = LogLoss()
        return true
    }

    /// How many bytes of entries stand in the file then: of one that did not fit as a whole
    /// nothing stays.
    private mutating func put(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var written = 0
        while written < count {
            let result = fd < 0 ? -1 : write(fd, start + written, count - written)
            if result < 0 && fd >= 0 && berth_errno() == EINTR { continue }
            if result <= 0 {
                loss.error = fd < 0 ? openError : berth_errno()
                pausedUntil = upTime() + 1000
                return takeBackCutEntry(start, written)
            }
            written += result
            size += Int64(result)
        }
        return written
    }

    /// Returns how many of the written bytes are whole entries, which stay.
    private mutating func takeBackCutEntry(_ start: UnsafePointer<UInt8>, _ written: Int) -> Int {
        var whole = written
        while whole > 0 && start[whole - 1] != 10 { whole -= 1 }
        var status = stat()
        guard whole < written, fstat(fd, &status) == 0 else { return whole }
        let kept = Int64(status.st_size) - Int64(written - whole)
        if kept >= 0 && ftruncate(fd, off_t(kept)) == 0 { size = kept }
        return whole
    }

    /// Drops the beginning of an entry that a killed keeper or a power cut has left at the end.
    private mutating func mendEnd() {
        var block = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var end = size
        while end > 0 {
            let from = max(0, end - 32)
            let newline = withUnsafeMutableBytes(of: &block) { bytes -> Int in
                guard let base = bytes.baseAddress else { return -1 }
                var index = Int(pread(fd, base, Int(end - from), off_t(from))) - 1
                while index >= 0 && bytes[index] != 10 { index -= 1 }
                return index
            }
            if newline >= 0 {
                end = from + Int64(newline) + 1
                break
            }
            end = from
        }
        if end < size && ftruncate(fd, off_t(end)) == 0 { size = end }
    }

    /// Ends the file and begins the next one. With as many files as there may be, the oldest is
    /// dropped: a reader may be in the middle of it, but none before it, or it would lack what is
    /// dropped. For a reader that is behind the file gets longer than its limit instead, but not
    /// without end: nobody who stops reading may fill the disk.
    mutating func rotate() {
        let oldest = files > 1 ? openOldest() : fd
        if oldest >= 0 {
            let isBehind = isLocked(dropped) || isLocked(folder)
            if isBehind && allowance < Self.mostAllowance {
                allowance += Self.allowanceStep
                if oldest != fd { _ = close(oldest) }
                return
            }
            // Tells whoever reads it that what followed it is gone, too.
            if isBehind { _ = fchmod(dropped, 0) }
            if dropped >= 0 { _ = close(dropped) }
            dropped = oldest
        }
        allowance = 0
        if oldest != fd { _ = close(fd) }
        // Only those there are: there may be millions at most.
        var index: Int32 = 0
        while index < files - 1 && exists(index) { index += 1 }
        while index > 0 {
            let older = name(index)
            let younger = name(index - 1)
            _ = renameat(folder, younger.text, folder, older.text)
            older.free()
            younger.free()
            index -= 1
        }
        if files <= 1 { _ = unlinkat(folder, c("container.log"), 0) }
        _ = open()
    }

    private func openOldest() -> CInt {
        let name = name(files - 1)
        defer { name.free() }
        return berth_openat(folder, name.text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0)
    }

    /// Whether a reader has a lock on it: flock(2), shared.
    private func isLocked(_ fd: CInt) -> Bool {
        guard fd >= 0 else { return false }
        guard flock(fd, LOCK_EX | LOCK_NB) < 0 else {
            _ = flock(fd, LOCK_UN)
            return false
        }
        return berth_errno() == EWOULDBLOCK
    }

    private func exists(_ index: Int32) -> Bool {
        let name = name(index)
        defer { name.free() }
        var status = stat()
        return fstatat(folder, name.text, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    private func name(_ index: Int32) -> ShortText {
        var name = ShortText(capacity: 40)
        name.append("container.log")
        if index > 0 {
            name.append(".")
            name.append(decimal: index)
        }
        return name
    }

    private mutating func open() -> Bool {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC
        fd = berth_openat(folder, c("container.log"), flags, 0o600)
        var status = stat()
        guard fd >= 0, fstat(fd, &status) == 0 else {
            openError = berth_errno()
            return false
        }
        size = Int64(status.st_size)
        mendEnd()
        return true
    }

    /// Somebody may delete or truncate the file; asked about once a second.
    private mutating func reopenIfGone() {
        let now = upTime()
        guard now - checkedAt > 1000 else { return }
        checkedAt = now
        var status = stat()
        if fd < 0 || fstat(fd, &status) < 0 || status.st_nlink == 0 {
            _ = close(fd)
            _ = open()
        } else {
            size = Int64(status.st_size)
        }
    }
}
