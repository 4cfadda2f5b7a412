import CLinux

/// `log/container.log` and the older ones, `container.log.1` being the youngest of them.
struct LogFile {
    private let folder: CInt
    private let limit: Int64
    private let files: Int32
    private var fd: CInt
    private var size: Int64 = 0
    private var checkedAt: Int64 = 0

    /// Goes on where an earlier run ended. nil with errno.
    init?(folder container: CInt, limit: Int64, files: Int32) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        folder = berth_openat(container, c("log"), flags, 0)
        self.limit = limit
        self.files = files
        fd = -1
        guard folder >= 0, open() else { return nil }
    }

    /// Would `more` bytes make the file longer than it may be? An empty one takes anything.
    func isFull(with more: Int) -> Bool { size > 0 && size + Int64(more) > limit }

    /// Writes everything. A full disk loses these bytes and not the container.
    mutating func append(_ start: UnsafePointer<UInt8>, _ count: Int) {
        reopenIfGone()
        var written = 0
        while written < count {
            let result = write(fd, start + written, count - written)
            if result < 0 && berth_errno() == EINTR { continue }
            if result <= 0 { return }
            written += result
            size += Int64(result)
        }
    }

    mutating func rotate() {
        _ = close(fd)
        var index = files - 1
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
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC
        fd = berth_openat(folder, c("container.log"), flags, 0o600)
        var status = stat()
        guard fd >= 0, fstat(fd, &status) == 0 else { return false }
        size = Int64(status.st_size)
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
