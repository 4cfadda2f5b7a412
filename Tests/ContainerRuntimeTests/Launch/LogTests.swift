import CLinux
import ContainerRuntime
import Foundation
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@Suite(
    "container logs",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct LogTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func raw(_ placement: Placement) throws -> String {
        let file = ContainerFolder(placement.directory).logs.appending("container.log")
        return String(decoding: try readFile(file, limit: 1 << 20), as: UTF8.self)
    }

    @Test("an entry is Docker's, byte for byte but for its time")
    func format() async throws {
        let placement = bench.placement()
        let text = #"a"b\\c<d>&é\t\001\r\342\200\250\377\342\202\n"#
        _ = try await bench.run(bench.shell("printf '\(text)'"), at: placement)
        let entry = try raw(placement)
        let expected =
            #"{"log":"a\"b\\c\u003cd\u003e\u0026é\u0009\u0001\r\u2028\ufffd\ufffd\ufffd\n","#
            + #""stream":"stdout","time":""#
        #expect(entry.hasPrefix(expected), "\(entry)")
        let time = entry.dropFirst(expected.count)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"}\n/) != nil)
    }

    @Test("the time of an entry is now, in UTC")
    func time() async throws {
        let placement = bench.placement()
        let before = Date().timeIntervalSince1970
        _ = try await bench.run(bench.spec(["/bin/echo", "x"]), at: placement)
        let text = try #require(try bench.entries(placement).first).time
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        let logged = try style.parse(text).timeIntervalSince1970
        #expect((before - 0.01...Date().timeIntervalSince1970).contains(logged))
    }

    @Test("a line without an end is logged as it is")
    func unended() async throws {
        let placement = bench.placement()
        _ = try await bench.run(bench.shell("printf 'one\\ntwo'"), at: placement)
        #expect(try bench.entries(placement).map(\.log) == ["one\n", "two"])
    }

    @Test("a long line becomes entries of 16 KiB that do not cut characters")
    func longLine() async throws {
        let placement = bench.placement()
        let script = "i=0; printf x; while [ $i -lt 10000 ]; do printf é; i=$((i+1)); done; echo"
        _ = try await bench.run(bench.shell(script), at: placement)
        let log = try bench.entries(placement).map(\.log)
        #expect(log.count == 2)
        #expect(log.map(\.utf8.count) == [16383, 20002 - 16383])
        #expect(log.joined() == "x" + String(repeating: "é", count: 10_000) + "\n")
    }

    @Test("last words are not lost", arguments: 0..<20)
    func lastWords(round: Int) async throws {
        let run = try await bench.run(
            bench.shell("head -c 60000 /dev/zero | tr '\\0' a; echo; exec echo end")
        )
        #expect(run.output.utf8.count == 60_005)
        #expect(run.output.hasSuffix("a\nend\n"))
    }

    /// The smaller limit is less than what is read at once.
    @Test(
        "files are rotated before they grow too long, and no line is lost before the oldest",
        arguments: [100_000, 10_000]
    )
    func rotation(limit: Int64) async throws {
        var spec = try bench.shell("seq 1 20000")
        spec.log.maximumFileBytes = limit
        spec.log.maximumFiles = 3
        let placement = bench.placement()
        _ = try await bench.run(spec, at: placement)
        let folder = ContainerFolder(placement.directory).logs
        for name in ["container.log", "container.log.1", "container.log.2"] {
            var status = stat()
            #expect(stat(folder.appending(name).string, &status) == 0)
            #expect(status.st_size <= limit)
        }
        #expect(access(folder.appending("container.log.3").string, F_OK) != 0)
        let lines = try bench.entries(placement).compactMap { Int($0.log.dropLast()) }
        #expect(lines.count > limit / 50)
        #expect(lines.last == 20_000)
        #expect(lines == Array((20_001 - lines.count)...20_000))
    }

    /// What a reader holds: the folder before it has opened a file, and then the file it reads.
    @Test("nothing is dropped that a reader has not come to", arguments: ["", "container.log.1"])
    func heldLog(held: String) async throws {
        var spec = try bench.shell("seq 1 20000")
        spec.log.maximumFileBytes = 10_000
        spec.log.maximumFiles = 2
        let placement = bench.placement()
        let folder = ContainerFolder(placement.directory).logs
        try makeDirectories(folder)
        if !held.isEmpty {
            // The oldest file is dropped first, and while it is read nothing after it.
            try atomicWrite([], to: folder.appending(held), mode: 0o600, synced: false)
        }
        let lock = try FileDescriptor.open(folder.appending(held), .readOnly)
        defer { try? lock.close() }
        try #require(flock(lock.rawValue, LOCK_SH) == 0)
        _ = try await bench.run(spec, at: placement)
        let lines = try bench.entries(placement).compactMap { Int($0.log.dropLast()) }
        #expect(lines == Array(1...20_000))
    }

    @Test("a reader that does not go on costs 16 MiB of log, and is told that lines are missing")
    func stuckReader() async throws {
        var spec = try bench.shell("seq 1 500000")
        spec.log.maximumFileBytes = 10_000
        spec.log.maximumFiles = 2
        let placement = bench.placement()
        let folder = ContainerFolder(placement.directory).logs
        try makeDirectories(folder)
        let read = folder.appending("container.log.1")
        try atomicWrite([], to: read, mode: 0o600, synced: false)
        let lock = try FileDescriptor.open(read, .readOnly)
        defer { try? lock.close() }
        try #require(flock(lock.rawValue, LOCK_SH) == 0)
        _ = try await bench.run(spec, at: placement)
        var status = stat()
        try #require(fstat(lock.rawValue, &status) == 0)
        #expect(status.st_nlink == 0)
        #expect(status.st_mode & 0o777 == 0)
        #expect(try bench.entries(placement).last?.log == "500000\n")
        try #require(stat(folder.appending("container.log").string, &status) == 0)
        #expect(status.st_size <= 17 << 20)
    }

    @Test("a file that may grow for ever is not rotated")
    func noRotation() async throws {
        var spec = try bench.shell("seq 1 20000")
        spec.log.maximumFiles = 3
        let placement = bench.placement()
        _ = try await bench.run(spec, at: placement)
        let folder = ContainerFolder(placement.directory).logs
        #expect(access(folder.appending("container.log.1").string, F_OK) != 0)
        #expect(try bench.entries(placement).count == 20_000)
    }

    @Test("a run that ends in the middle of a long line says so, and no other")
    func endOfRun() async throws {
        for (count, empties) in [(16_380, 0), (16_381, 1), (16_384, 1), (16_390, 0)] {
            let placement = bench.placement()
            let script = "head -c \(count) /dev/zero | tr '\\0' a"
            _ = try await bench.run(bench.shell(script), at: placement)
            let log = try bench.entries(placement).map(\.log)
            #expect(log.joined().utf8.count == count)
            #expect(log.count { $0.isEmpty } == empties, "\(count)")
        }
    }

    @Test("an entry that a killed keeper has left in the middle is dropped by the next run")
    func cutEntry() async throws {
        let placement = bench.placement()
        let folder = ContainerFolder(placement.directory).logs
        _ = try await bench.run(bench.shell("echo one"), at: placement)
        let file = try FileDescriptor.open(
            folder.appending("container.log"),
            .writeOnly,
            options: [.append]
        )
        try file.closeAfter { _ = try file.writeAll(#"{"log":"cut in the mid"#.utf8) }
        _ = try await bench.run(bench.shell("echo two"), at: placement)
        #expect(try bench.entries(placement).map(\.log) == ["one\n", "two\n"])
    }

    @Test("a flood waits for the disk and keeps its order")
    func flood() async throws {
        let run = try await bench.run(bench.shell("seq 1 200000"))
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 200_000)
        #expect(lines.last == "200000")
        #expect(zip(1..., lines).allSatisfy { String($0) == $1 })
    }

    @Test("output can go to descriptors instead")
    func descriptors() async throws {
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let placement = bench.placement()
        let running: RunningContainer
        do {
            let writer = SharedFD(pipe.takeWriter())
            let created = try await bench.runtime.create(
                bench.shell("echo out; echo err >&2"),
                at: placement,
                output: .descriptors(stdout: writer, stderr: writer)
            )
            running = try await created.start()
        }
        var bytes: [UInt8] = []
        while case let more = try await reader.read(upTo: 4096), !more.isEmpty { bytes += more }
        #expect(String(decoding: bytes, as: UTF8.self) == "out\nerr\n")
        #expect(try await running.wait().code == 0)
    }
}
