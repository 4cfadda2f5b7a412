import CLinux
import Glibc

/// Descriptors that one thread watches, each registered once and for every event: for who reads and writes
/// until there is no more, and then waits (EPOLLET of epoll(7)).
package final class EdgeEvents: Sendable {
    private let epoll: OwnedFD

    /// Of no descriptors yet.
    package init() throws(SyscallError) {
        epoll = OwnedFD(taking: try syscall("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    }

    /// Watches a descriptor until its last copy is closed; `wait` gives the number when something has
    /// happened to it. False when the kernel has no memory for one more.
    package func watch(_ fd: SharedFD, as number: UInt64) -> Bool {
        var event = epoll_event()
        event.events =
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = number
        return epoll.with { epoll in
            fd.with { epoll_ctl(epoll, EPOLL_CTL_ADD, $0, &event) == 0 }
        }
    }

    /// Waits on the calling thread until something has happened, or `isLooking` does not wait, and adds
    /// the numbers of it; to `broken` those of which the kernel reports an error.
    package func wait(
        isLooking: Bool,
        into numbers: inout Set<UInt64>,
        broken: inout Set<UInt64>
    ) {
        let count = 64
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: count) { events in
            let ready = epoll.with {
                epoll_wait($0, events.baseAddress, CInt(count), isLooking ? 0 : -1)
            }
            precondition(ready >= 0 || errno == EINTR, "epoll_wait on our own epoll set failed")
            for event in events.prefix(max(0, Int(ready))) {
                numbers.insert(event.data.u64)
                if event.events & EPOLLERR.rawValue != 0 { broken.insert(event.data.u64) }
            }
        }
    }
}
