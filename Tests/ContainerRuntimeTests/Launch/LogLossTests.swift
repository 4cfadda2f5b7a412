import ContainerRuntime
import Foundation
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

/// A full disk loses log entries, never without a word.
@Suite(
    "what a log loses",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct LogLossTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    /// Runs with a disk of its own for the log, on which little room is left; a file `filler` has
    /// the rest of it.
    private func withSmallDisk(
        leaving room: Int64,
        _ body: (Placement, _ filler: FilePath) async throws -> Void
    ) async throws {
        let placement = bench.placement()
        let logs = ContainerFolder(placement.directory).logs
        try makeDirectories(logs)
        try #require(mount("tmpfs", logs.string, "tmpfs", 0, "size=1m,mode=0700") == 0)
        defer { #expect(umount2(logs.string, CInt(MNT_DETACH)) == 0) }
        let filler = logs.appending("filler")
        let file = try FileDescriptor.open(
            filler,
            .writeOnly,
            options: [.create],
            permissions: [.ownerReadWrite]
        )
        let size = (1 << 20) - room
        try file.closeAfter {
            try #require(posix_fallocate(file.rawValue, 0, off_t(size)) == 0)
        }
        try await body(placement, filler)
    }

    private func until(_ what: String, _ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition() {
            try #require(ContinuousClock.now < deadline, "\(what)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func notices(_ placement: Placement) throws -> [(entries: Int, text: String)] {
        try bench.entries(placement).compactMap { entry in
            let shape =
                /berth: (\d+) log entr(?:y|ies) \(\d+ bytes\) (?:is|are) missing here: (.*)\n/
            guard let match = entry.log.wholeMatch(of: shape), let count = Int(match.1) else {
                return nil
            }
            #expect(entry.stream == "stderr")
            return (count, String(match.2))
        }
    }

    /// More than the pipe and two reads of the keeper hold: when all is written, it has lost some.
    @Test("entries that a full disk does not take are counted where they are missing")
    func counted() async throws {
        try await withSmallDisk(leaving: 200_000) { placement, filler in
            let shared = bench.root.appending("shared")
            try makeDirectories(shared)
            var spec = try bench.shell(
                "seq 60000; touch /shared/written; i=60000; "
                    + "until [ -e /shared/seen ]; do i=$((i+1)); echo $i; usleep 10000; done"
            )
            spec.mounts = [
                MountSpec(source: .bind(path: shared.string, create: false), target: "/shared")
            ]
            let running = try await bench.runtime.create(spec, at: placement).start()
            try await until("all is written") {
                access(shared.appending("written").string, F_OK) == 0
            }
            #expect(unlink(filler.string) == 0)
            try await until("the log goes on") {
                try bench.entries(placement).last.flatMap { Int($0.log.dropLast()) } ?? 0 > 60_000
            }
            try atomicWrite([], to: shared.appending("seen"), mode: 0o644, synced: false)
            #expect(try await running.wait().code == 0)
            let notices = try notices(placement)
            #expect(notices.count == 1)
            #expect(notices.first?.text == "no space left on the device")
            let numbers = try bench.entries(placement).compactMap { Int($0.log.dropLast()) }
            #expect(numbers.count > 1000)
            #expect(numbers == numbers.sorted())
            #expect(numbers.count + (notices.first?.entries ?? 0) == numbers.last)
            #expect(try ContainerFolder(placement.directory).readLogLoss() == nil)
        }
    }

    @Test("what a run could not say any more is known, and said by the next one")
    func carriedOver() async throws {
        try await withSmallDisk(leaving: 0) { placement, filler in
            let folder = ContainerFolder(placement.directory)
            let first = try await bench.run(bench.shell("seq 100; exit 3"), at: placement)
            #expect(first.record.code == 3)
            let loss = try #require(try folder.readLogLoss())
            #expect(loss.entries == 100)
            #expect(loss.description.hasPrefix("the last 100 entries of its log ("))
            #expect(loss.description.hasSuffix("are missing: No space left on device"))
            #expect(try bench.entries(placement).isEmpty)
            // The next one has no room either, and adds its own.
            _ = try await bench.run(bench.shell("echo lost"), at: placement)
            #expect(try folder.readLogLoss()?.entries == 101)
            #expect(unlink(filler.string) == 0)
            _ = try await bench.run(bench.shell("echo next"), at: placement)
            #expect(try notices(placement).map(\.entries) == [101])
            #expect(try bench.entries(placement).last?.log == "next\n")
            #expect(try folder.readLogLoss() == nil)
        }
    }
}
