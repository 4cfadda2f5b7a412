import Glibc

/// How long a connection waits for another that writes.
///
/// SQLite's own time-out sleeps 1, 2, 5, 10 ms and then longer, while our transactions take far
/// less than one: of two processes that write all the time (a `down` and the supervisor that ends
/// what it stops) one would sleep through most of what the other does, and of many one could come
/// too late each time.
enum WriterWait {
    /// Sleeps a moment before try `number`, counted from 0; false when it has been ten seconds.
    static func pause(before number: Int) -> Bool {
        guard let microseconds = microseconds(before: number) else { return false }
        usleep(microseconds)
        return true
    }

    /// nil after ten seconds.
    static func microseconds(before number: Int) -> UInt32? {
        number < 2004 ? min(250 << UInt32(min(number, 5)), 5000) : nil
    }
}
