import CLinux

/// A page of memory in which whoever enters a container writes what its keeper must know.
///
/// No descriptor: the process that becomes visible in the container has its standard streams and
/// nothing else from its first instant. That process can write here until it executes, and a
/// container with ptrace can make it write anything: nothing of it is believed unseen.
struct Journal {
    private let memory: UnsafeMutableRawPointer

    private static let size = 4096
    /// The process, the number of events, then the events.
    private static let countOffset = MemoryLayout<pid_t>.size
    private static let eventOffset = 8
    private static let capacity = (size - eventOffset) / MemoryLayout<keeper_event>.stride

    /// Empty, for this process and those it makes; nil with errno.
    init?() {
        guard
            let page = mmap(
                nil,
                Self.size,
                PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS,
                -1,
                0
            ),
            page != UnsafeMutableRawPointer(bitPattern: -1)
        else { return nil }
        memory = page
    }

    private init(copying other: UnsafeMutableRawPointer) {
        memory = .allocate(byteCount: Self.size, alignment: 8)
        memcpy(memory, other, Self.size)
    }

    /// What it says now, in memory that nobody else can write.
    func copy() -> Journal { Journal(copying: memory) }

    /// Where the kernel leaves the number of the process before that runs; 0: there is none.
    var process: UnsafeMutablePointer<pid_t> { memory.assumingMemoryBound(to: pid_t.self) }

    var count: Int {
        let count = Int(memory.load(fromByteOffset: Self.countOffset, as: Int32.self))
        return max(0, min(count, Self.capacity))
    }

    func event(_ index: Int) -> keeper_event {
        memory.load(fromByteOffset: Self.offset(index), as: keeper_event.self)
    }

    /// What does not fit is lost: there is room for many times what a start can say.
    func append(_ event: keeper_event) {
        let index = count
        guard index < Self.capacity else { return }
        memory.storeBytes(of: event, toByteOffset: Self.offset(index), as: keeper_event.self)
        memory.storeBytes(of: Int32(index + 1), toByteOffset: Self.countOffset, as: Int32.self)
    }

    private static func offset(_ index: Int) -> Int {
        eventOffset + index * MemoryLayout<keeper_event>.stride
    }
}
