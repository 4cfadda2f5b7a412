import CLinux
import Glibc

/// How large a file this process may write (getrlimit(2), RLIMIT_FSIZE).
package enum FileSizeLimit {
    /// In bytes; nil for no limit.
    package static var current: UInt64? {
        var limit: [UInt64] = [0, 0]
        guard berth_getrlimit(Int32(RLIMIT_FSIZE.rawValue), &limit) == 0, limit[0] != .max else {
            return nil
        }
        return limit[0]
    }

    /// Takes the limit away, or raises it as far as this process may; a write beyond it is an error
    /// (EFBIG) from then on, and no signal.
    package static func lift() {
        signal(SIGXFSZ, SIG_IGN)
        guard current != nil else { return }
        let resource = Int32(RLIMIT_FSIZE.rawValue)
        if berth_setrlimit(resource, .max, .max) == 0 { return }
        var limit: [UInt64] = [0, 0]
        guard berth_getrlimit(resource, &limit) == 0 else { return }
        // Where that fails the limit stays, and what does not fit is an error.
        _ = berth_setrlimit(resource, limit[1], limit[1])
    }
}
