import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

/// Whoever takes garbage away may be killed at any moment.
@Suite(
    "root: interrupted garbage collection",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct InterruptedCollectionTests {
    private static let layers: [[UInt8]] = (0..<4).map { number in
        TestTar { tar in
            if number == 0 { tar.folder("tmp", mode: 0o1777) }
            for index in 0..<100 { tar.file("tmp/\(number)-\(index)", "content") }
        }.finished
    }

    /// Starts to take everything out of a store, and is killed after a while.
    private func collectAndDie(_ scratch: Scratch, after patience: Int) throws -> Linux.ExitStatus {
        var output = try Pipe.make()
        let arguments = [Tester.program.string, "collect", scratch.store.root.string]
        var request = SpawnRequest(program: Tester.program.string, arguments: arguments)
        request.descriptors = [1: SharedFD(output.takeWriter())]
        let process = try spawn(request)
        let words = output.takeReader()
        request.descriptors = [:]
        #expect(try words.readSome(upTo: 1).count == 1)
        for _ in 0..<patience { sched_yield() }
        try process.signal(SIGKILL)
        return try process.waitForExitStatus()
    }

    @Test("leaves a store that the next pull makes whole, and the next collection empties")
    func killed() async throws {
        let scratch = try Scratch()
        let diffIDs = Self.layers.map { Digest.of($0) }
        var kills = 0
        for round in 0..<24 {
            for layer in Self.layers { try await scratch.add(layer) }
            let before = try scratch.store.lowerDirectories(for: diffIDs)
            let end = try collectAndDie(scratch, after: round * 60)
            if end == .signaled(number: SIGKILL) { kills += 1 }

            for layer in Self.layers { try await scratch.add(layer) }
            let paths = try scratch.store.lowerDirectories(for: diffIDs)
            #expect(paths == before)
            for diffID in diffIDs {
                let folder = scratch.file("tmp", of: diffID)
                #expect(try folderEntries(folder).count == 100)
                let blob = try scratch.store.readBlob(diffID)
                #expect(Digest.of(blob) == diffID)
            }
            let corrections = try #require(paths.first)
            #expect(status(corrections.appending("tmp"))?.st_mode == S_IFDIR | 0o1777)
        }
        #expect(kills > 0, "each collection was over before it was killed")
        #expect(try scratch.store.collectGarbage { StoreRoots() } != nil)
        try scratch.expectEmpty()
        #expect(try folderEntries(scratch.store.stacks) == [])
        #expect(try folderEntries(scratch.store.staging) == ["store.lock"])
    }
}
