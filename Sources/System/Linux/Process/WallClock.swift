import CLinux
import Glibc

/// The present in nanoseconds since 1970, from `CLOCK_REALTIME`.
package func wallClockNanoseconds() -> Int64 {
    var time = timespec()
    // Cannot fail: the clock exists and the address is ours. clock_gettime(2).
    _ = clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
