import CLinux
import Glibc

/// What one of our standard streams is.
package struct StandardStream: Sendable {
    private let number: CInt
    private let status: FileStatus

    private struct FileStatus: Sendable {
        var kind: mode_t
        var device: dev_t
        var inode: ino_t
        var special: dev_t
    }

    package init(_ number: CInt) throws(SyscallError) {
        var found = stat()
        _ = try syscall("fstat", on: "descriptor \(number)") { fstat(number, &found) }
        self.number = number
        status = FileStatus(
            kind: found.st_mode & S_IFMT,
            device: found.st_dev,
            inode: found.st_ino,
            special: found.st_rdev
        )
    }

    package var isFolder: Bool { status.kind == S_IFDIR }

    /// `/dev/null`, wherever it is.
    package var isNull: Bool { status.kind == S_IFCHR && status.special == berth_makedev(1, 3) }

    /// Whether what is written to either comes out in one place, in the order of writing. Two
    /// openings of one regular file have a position each, and are two.
    package func isOne(with other: StandardStream) -> Bool {
        if berth_compare_files(number, other.number) == 0 { return true }
        return status.kind != S_IFREG && status.device == other.status.device
            && status.inode == other.status.inode
    }

    /// Whether one of them was a terminal that is closed.
    package static var hasLostTerminal: Bool {
        (STDIN_FILENO...STDERR_FILENO).contains { number in
            var entry = pollfd(fd: number, events: 0, revents: 0)
            var found = stat()
            return poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLHUP) != 0
                && fstat(number, &found) == 0 && found.st_mode & S_IFMT == S_IFCHR
        }
    }

    /// Gives a number of 0 to 2 that the caller has closed something to read nothing from: the next
    /// file that is opened would get the number, and pass for the stream.
    package static func fillClosed() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            _ = berth_open("/dev/null", O_RDWR, 0)
        }
    }
}
