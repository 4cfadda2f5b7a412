import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("passing streams on", .timeLimit(.minutes(1)))
struct StreamPumpTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Runs a pump to its end.
    private func pump(
        _ source: SharedFD,
        _ target: SharedFD,
        until stop: SharedFD,
        draining: Bool = true
    ) async throws -> SyscallError? {
        let (ends, report) = AsyncStream.makeStream(of: SyscallError?.self)
        try StreamPump.start(from: source, to: target, until: stop, draining: draining) {
            report.yield($0)
            report.finish()
        }
        for await end in ends { return end }
        return nil
    }

    private static let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }

    @Test(
        "every byte arrives in order, whatever the target",
        arguments: [0, O_APPEND, O_NONBLOCK]
    )
    func toFile(flags: CInt) async throws {
        let (stop, stopping) = try ends()
        let (source, writing) = try filling()
        let target = SharedFD(
            try openFile(scratch("to"), O_WRONLY | O_CREAT | flags, mode: 0o600)
        )
        #expect(try await pump(source, target, until: stop) == nil)
        try await writing.value
        #expect(try readFile(scratch("to"), limit: 1 << 24) == Self.bytes)
        let again = SharedFD(try openFile(scratch("again"), O_WRONLY | O_CREAT, mode: 0o600))
        let from = SharedFD(try openFile(scratch("to"), O_RDONLY))
        #expect(try await pump(from, again, until: stop) == nil)
        #expect(try readFile(scratch("again"), limit: 1 << 24) == Self.bytes)
        withExtendedLifetime(stopping) {}
    }

    /// Both ends of a pipe.
    private func ends() throws -> (reader: SharedFD, writer: SharedFD) {
        var pipe = try Pipe.make()
        return (SharedFD(pipe.takeReader()), SharedFD(pipe.takeWriter()))
    }

    /// A pipe that is being filled and then ends.
    private func filling() throws -> (reader: SharedFD, Task<Void, any Error>) {
        let (reader, writer) = try ends()
        return (reader, Task { try await onOwnThread { try writer.with { try Self.fill($0) } } })
    }

    private static func fill(_ fd: CInt) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(fd, $0.baseAddress, $0.count) }
            try #require(count > 0)
            written += count
        }
    }

    @Test("told to stop, it passes on what is there and does not wait for more")
    func stops() async throws {
        let (source, writer) = try ends()
        try await writer.write(Array("last".utf8))
        let target = SharedFD(try openFile(scratch("to"), O_WRONLY | O_CREAT, mode: 0o600))
        #expect(try await pump(source, target, until: stopped()) == nil)
        #expect(try readFile(scratch("to"), limit: 64) == Array("last".utf8))
        withExtendedLifetime(writer) {}
    }

    /// The reading end of a pipe that has no other.
    private func stopped() throws -> SharedFD { try ends().reader }

    @Test("a target that is full, or gone, is the pump's error")
    func failures() async throws {
        try atomicWrite(Self.bytes, to: scratch("from"), synced: false)
        let (stop, stopping) = try ends()
        let file = SharedFD(try openFile(scratch("from"), O_RDONLY))
        // In a function of its own, which closes the reading end when it returns.
        func withoutReader() throws -> SharedFD { try ends().writer }
        #expect(try await pump(file, withoutReader(), until: stop)?.errno == EPIPE)
        let full = SharedFD(try openFile("/dev/full", O_WRONLY))
        let (from, into) = try ends()
        try await into.write([1])
        #expect(try await pump(from, full, until: stop)?.errno == ENOSPC)
        withExtendedLifetime((stopping, into)) {}
    }
}
