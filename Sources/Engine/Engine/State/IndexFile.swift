import Glibc
import Linux
import SystemPackage

/// The file beside the database in whose mapped memory SQLite's processes meet (`berth.db-shm`).
///
/// SQLite makes it by writing the last byte of each page of 4 KiB. On a file system with smaller blocks
/// the rest is a hole, and on a full disk the first write to a hole ends the process with SIGBUS.
enum IndexFile {
    private static let page: UInt64 = 4096
    /// What SQLite maps at once.
    private static let bytes: off_t = 32 << 10

    /// Whether the file has holes where the database is.
    static func isSparse(beside database: FilePath) -> Bool {
        var status = statvfs()
        guard statvfs(database.removingLastComponent().string, &status) == 0 else { return false }
        return UInt64(status.f_frsize) < page
    }

    /// Fills the holes, while the database is open. The descriptor stays: to close it would give up what
    /// this process has locked in the file, fcntl(2).
    static func allocate(beside database: FilePath) {
        // `try?`: without room it stays as it is, as it was for those before.
        guard let file = try? openFile(FilePath("\(database)-shm"), O_RDWR | O_NOFOLLOW) else {
            return
        }
        _ = posix_fallocate(file.release(), 0, bytes)
    }
}
