import CLinux

/// What one descriptor of a `PollTable` is for.
enum PollRole {
    /// Events of a child that has not executed yet.
    case status
    /// The process, or in exec mode whoever makes it: its end.
    case process
    /// The supervisor's end.
    case supervisor
    /// Frames of the starter.
    case control
    /// Something of the program's streams.
    case stream(StreamRole)
}

/// The descriptors that a keeper waits for, laid out again for each wait: a fixed number of entries,
/// each with the role that says what is done when it is ready.
struct PollTable {
    private let polls: UnsafeMutablePointer<pollfd>
    private let roles: UnsafeMutablePointer<PollRole>
    private let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        polls = .allocate(capacity: capacity)
        roles = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    mutating func removeAll() { count = 0 }

    /// Leaves out a descriptor that there is not (-1), and what does not fit: callers add no more
    /// than the capacity that they have given.
    mutating func add(_ fd: CInt, _ role: PollRole, events: CInt = POLLIN) {
        guard fd >= 0, count < capacity else { return }
        polls[count] = pollfd(fd: fd, events: Int16(events), revents: 0)
        (roles + count).initialize(to: role)
        count += 1
    }

    /// Waits for any of them, at most as many milliseconds as said; -1 for ever.
    mutating func wait(_ timeout: CInt) {
        if poll(polls, nfds_t(count), timeout) > 0 { return }
        for index in 0..<count { polls[index].revents = 0 }
    }

    func role(_ index: Int) -> PollRole { roles[index] }

    /// What happened to it: POLLIN, POLLHUP, …; 0 for nothing.
    func events(_ index: Int) -> CInt { CInt(polls[index].revents) }
}

/// The sooner of two timeouts of poll(2), of which -1 means never.
func sooner(_ one: CInt, _ other: CInt) -> CInt {
    one < 0 ? other : other < 0 ? one : min(one, other)
}
