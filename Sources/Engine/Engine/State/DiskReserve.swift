import Glibc
import Linux
import SystemPackage

/// Space that is kept for the database, in a file beside it.
///
/// A full disk would else stop what makes room again, since to remove something is to write it
/// down. What only takes more does not get it.
struct DiskReserve: Sendable {
    let path: FilePath
    /// For the log of some hundred transactions, and what SQLite needs to open it.
    private static let bytes: off_t = 1 << 20
    /// With less than this the file system counts as full: what SQLite may need at once.
    private static let least: UInt64 = 256 << 10

    init(beside database: FilePath) {
        path = database.removingLastComponent().appending("reserve")
    }

    /// Takes the space unless it is taken, or as much of it as there is.
    func fill() {
        var status = stat()
        if lstat(path.string, &status) == 0, status.st_size >= Self.bytes { return }
        // A reserve is good to have: without one everything works while the disk is not full.
        guard let file = try? openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600) else {
            return
        }
        var taken: off_t = 0
        var step = Self.bytes
        while step >= 16 << 10, taken < Self.bytes {
            if file.with({ posix_fallocate($0, taken, step) }) == 0 { taken += step }
            step /= 2
        }
    }

    /// Gives the space back; false when there was none.
    func release() -> Bool {
        var status = stat()
        guard lstat(path.string, &status) == 0, status.st_size > 0 else { return false }
        return truncate(path.string, 0) == 0
    }

    /// Why nothing can be written; nil when there is room.
    var shortage: String? {
        Self.shortage(in: path.removingLastComponent(), bytes: Self.least, inodes: 4)
    }

    /// Why a file system has no room for so much more; nil when it has, or nobody knows.
    static func shortage(in folder: FilePath, bytes: UInt64, inodes: UInt64) -> String? {
        var status = statvfs()
        guard statvfs(folder.string, &status) == 0 else { return nil }
        let free = UInt64(status.f_bfree) * UInt64(status.f_frsize)
        if free < bytes { return "no space left on the device" }
        // File systems without inodes of their own say that they have none at all.
        if status.f_files > 0, UInt64(status.f_ffree) < inodes {
            return "no inodes left on the device"
        }
        return free < bytes + kept && !canTake(bytes, in: folder)
            ? "no space left on the device" : nil
    }

    /// What a file system may count as free and not give: ext4 keeps 4,096 blocks for what it has put
    /// off writing.
    private static let kept: UInt64 = 64 << 20

    /// O_TMPFILE of open(2), a macro that Swift does not see.
    private static let temporaryFile: CInt = 0o20000000 | O_DIRECTORY

    /// Takes the space for a moment, in a file without a name.
    private static func canTake(_ bytes: UInt64, in folder: FilePath) -> Bool {
        do throws(SyscallError) {
            let file = try openFile(folder, temporaryFile | O_RDWR, mode: 0o600)
            let code = file.with { posix_fallocate($0, 0, off_t(bytes)) }
            return code != ENOSPC && code != EDQUOT
        } catch {
            // Where there are no such files, the number of free blocks has to do.
            return error.errno != ENOSPC && error.errno != EDQUOT
        }
    }
}
