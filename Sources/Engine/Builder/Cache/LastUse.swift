import Glibc
import SystemPackage

/// When a file of the cache was last used: its time of change. Only for those who prune, so that a
/// file that vanishes meanwhile is no error.
enum LastUse {
    /// Nanoseconds since 1970, and the file's size; nil where there is no file.
    static func look(_ path: FilePath) -> (time: Int64, size: Int)? {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return nil }
        let time = status.st_mtim
        return (Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec), Int(status.st_size))
    }

    /// Makes it now.
    static func note(_ path: FilePath) {
        _ = path.withPlatformString { utimensat(AT_FDCWD, $0, nil, AT_SYMLINK_NOFOLLOW) }
    }
}
