import CLinux
import Glibc
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A word two tasks share.
final class SharedFlag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

@Suite("waiting", .timeLimit(.minutes(1)))
struct WaitingTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test("a hundred blocking calls run on a bounded number of threads and all come back")
    func blockingCalls() async throws {
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<100 { group.addTask { await blocking { number } } }
            return await group.reduce(0, +)
        }
        #expect(sum == 4950)
        await #expect(throws: SyscallError.self) {
            try await blocking { () throws(SyscallError) in
                throw SyscallError(call: "x", subject: "", errno: EPERM)
            }
        }
    }

    @Test("what a thread gave ends with the task that has it, not a moment later")
    func handedOver() async throws {
        let path = scratch.path.appending("handed-over")
        for _ in 0..<200 {
            do {
                let held = try await onOwnThread { () throws(SyscallError) in
                    try FileLock.tryAcquire(path)
                }
                #expect(held != nil)
            }
            let again = try await blocking { () throws(SyscallError) in
                try FileLock.tryAcquire(path)
            }
            try #require(again != nil)
        }
    }

    @Test("many wait for one descriptor and all wake")
    func readable() async throws {
        var pipe = try Pipe.make(flags: O_NONBLOCK)
        let reader = SharedFD(pipe.takeReader())
        let writer = SharedFD(pipe.takeWriter())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await Readiness.readable(reader) } }
            try await writer.write([1])
            try await group.waitForAll()
        }
        try await Readiness.writable(writer)
        #expect(try await reader.read(upTo: 10) == [1])
    }

    @Test("a cancelled wait throws and leaves the descriptor usable")
    func cancelled() async throws {
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let waiting = Task { try await Readiness.readable(reader) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try pipe.takeWriter().writeAll([7])
        try await Readiness.readable(reader)
        let file = SharedFD(try openFile("/etc/passwd", O_RDONLY))
        try await Readiness.readable(file)
    }

    @Test("a lock has one holder and passes on, also when its file was deleted")
    func locks() async throws {
        let path = scratch("lock")
        var first: FileLock? = try FileLock.tryAcquire(path)
        #expect(first != nil)
        #expect(try FileLock.tryAcquire(path) == nil)
        let second = Task { try await FileLock.acquire(path) }
        let third = Task { try await FileLock.acquire(path) }
        third.cancel()
        await #expect(throws: CancellationError.self) { _ = try await third.value }
        #expect(unlink(path.string) == 0)
        withExtendedLifetime(first) {}
        first = nil
        let held = try await second.value
        #expect(try FileLock.tryAcquire(path) == nil)
        withExtendedLifetime(held) {}
    }

    @Test(
        "another network namespace is entered by one thread only",
        .tags(.root),
        .enabled(if: isRoot)
    )
    func namespaces() async throws {
        let namespace = try await NamespaceThread.make()
        let before = try text("/proc/self/net/dev")
        let inside = try await NamespaceThread.run(in: namespace) {
            try readFile("/proc/thread-self/net/dev", limit: 1 << 20)
        }
        let devices = String(decoding: inside, as: UTF8.self).split(separator: "\n").dropFirst(2)
        #expect(devices.count == 1)
        #expect(
            try text("/proc/thread-self/net/dev").split(separator: "\n").count
                == before.split(separator: "\n").count
        )
    }

    @Test("mountinfo lines are read, escapes and optional fields too")
    func mountInfo() throws {
        let line =
            "36 35 98:0 /mnt1 /mnt\\040two rw,noatime master:1 shared:2 - ext3 /dev/root rw,data=x"
        let parsed = MountInfo.parse(
            Array("\(line)\ngarbage\n1 2 3:4 / / rw - proc none rw\n".utf8)
        )
        #expect(parsed.count == 2)
        #expect(parsed.first?.mountPoint == "/mnt two")
        #expect(parsed.first?.optionalFields == ["master:1", "shared:2"])
        #expect(parsed.first?.superOptions == ["rw", "data=x"])
        #expect(parsed.last?.optionalFields == [])
        #expect(try MountInfo.current().contains { $0.mountPoint == "/" })
    }
}

@Suite("unix sockets", .timeLimit(.minutes(1)))
struct UnixSocketTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test("lines go both ways at a path of any length", arguments: [1, 90])
    func lines(length: Int) async throws {
        let folder = scratch(String(repeating: "f", count: length))
        try makeDirectories(folder)
        let path = folder.appending("socket")
        let listener = try UnixListener(at: path)
        var status = stat()
        #expect(lstat(path.string, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let serving = Task {
            let connection = try await listener.accept()
            var lines = LineReader(connection, limit: 1 << 20)
            while let line = try await lines.next() {
                try await connection.write(line.reversed() + [10])
            }
            connection.finishWriting()
            return try connection.peer()
        }
        let connection = try UnixConnection.connect(to: path)
        let large = [UInt8](repeating: 65, count: 600_000)
        try await connection.write(Array("abc\n".utf8))
        var lines = LineReader(connection, limit: 1 << 20)
        #expect(try await lines.next() == Array("cba".utf8))
        let sending = Task { try await connection.write(large + [10]) }
        #expect(try await lines.next() == large)
        try await sending.value
        try await connection.write(Array("unfinished".utf8))
        connection.finishWriting()
        #expect(try await lines.next() == nil)
        let peer = try await serving.value
        #expect(peer == PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid()))
    }

    @Test("a line beyond the limit is refused")
    func limit() async throws {
        var pair = try Pipe.socketPair(nonBlocking: true)
        let reader = UnixConnection(SharedFD(pair.takeReader()))
        let writer = UnixConnection(SharedFD(pair.takeWriter()))
        try await writer.write([UInt8](repeating: 65, count: 100))
        var lines = LineReader(reader, limit: 10)
        let error = await #expect(throws: SyscallError.self) { try await lines.next() }
        #expect(error?.errno == EMSGSIZE)
    }

    @Test("a left socket is replaced, another file is not, and the socket goes with its listener")
    func replacing() throws {
        let path = scratch("socket")
        var listener: UnixListener? = try UnixListener(at: path)
        let second = try UnixListener(at: path)
        withExtendedLifetime(listener) {}
        listener = nil
        #expect(exists(path))
        _ = try UnixConnection.connect(to: path)
        withExtendedLifetime(second) {}
        try scratch.write("", to: "file")
        #expect(throws: SyscallError.self) { try UnixListener(at: scratch("file")) }
        let refused = #expect(throws: SyscallError.self) {
            try UnixConnection.connect(to: scratch("nobody"))
        }
        #expect(refused?.errno == ENOENT)
    }
}
