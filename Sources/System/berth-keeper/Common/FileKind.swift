import CLinux

/// The type bits of inode(7), which Swift sees with a sign they do not have.
enum FileKind: mode_t {
    case fifo = 0o010000
    case characterDevice = 0o020000
    case directory = 0o040000
    case link = 0o120000

    /// Is this what a descriptor refers to?
    func matches(_ fd: CInt) -> Bool {
        var status = stat()
        return fstat(fd, &status) == 0 && matches(status)
    }

    func matches(_ status: stat) -> Bool { status.st_mode & 0o170000 == rawValue }
}
