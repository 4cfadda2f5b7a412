import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import ImageStore

/// Whoever pulls, and the child that unpacks, may be killed at any moment.
@Suite("root: interrupted pulls", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct InterruptionTests {
    private static let tar = CompressionTests.tar
    private static let diffID = Digest.of(tar)
    private static let descriptor = Descriptor(mediaType: MediaType.ociLayer, of: tar)

    /// A process that brings the layer in, a piece each time it is told to.
    private final class Bringer {
        let process: ProcessFD
        private let steps: OwnedFD
        private let words: OwnedFD
        private let go: OwnedFD

        init(_ scratch: Scratch) throws {
            let blob = scratch.path.appending("blob")
            try atomicWrite(InterruptionTests.tar, to: blob)
            var output = try Pipe.make()
            var errors = try Pipe.make()
            var input = try Pipe.make()
            var request = SpawnRequest(
                program: Tester.program.string,
                arguments: [
                    Tester.program.string, "bring", scratch.store.root.string, blob.string,
                    "\(InterruptionTests.diffID)",
                ]
            )
            request.descriptors = [
                0: SharedFD(input.takeReader()), 1: SharedFD(output.takeWriter()),
                2: SharedFD(errors.takeWriter()),
            ]
            process = try spawn(request)
            steps = output.takeReader()
            words = errors.takeReader()
            go = input.takeWriter()
        }

        /// Lets it take pieces; false when it wants no more.
        func step(_ count: Int) throws -> Bool {
            for _ in 0..<count {
                if try steps.readSome(upTo: 1).isEmpty { return false }
                try go.writeAll([1])
            }
            return true
        }

        /// Lets it run on to its end.
        func finish() throws -> (status: Linux.ExitStatus, words: String) {
            while true {
                do {
                    guard try step(1) else { break }
                } catch let error as SyscallError where error.errno == EPIPE {
                    break
                }
            }
            let status = try process.waitForExitStatus()
            return (status, String(decoding: try words.readToEnd(limit: 1 << 16), as: UTF8.self))
        }
    }

    /// Waits until a process has ended, whoever reaps it.
    private func waitForEnd(of pid: Int32) async throws {
        guard let process = try? ProcessFD(opening: pid) else { return }  // It has ended.
        try await process.waitForExit()
    }

    /// The child that unpacks, once it is there.
    private func unpacker(of bringer: Bringer) throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let child = try children(of: bringer.process.pid).first { return child }
        }
        throw SyscallError(call: "wait", subject: "the unpacker", errno: ETIMEDOUT)
    }

    @Test(
        "go on after the puller was killed, and its child with it",
        arguments: [1, 2, 5, 9, 14, 20]
    )
    func pullerKilled(pieces: Int) async throws {
        let scratch = try Scratch()
        let first = try Bringer(scratch)
        #expect(try first.step(pieces))
        let child = try unpacker(of: first)
        try first.process.signal(SIGKILL)
        #expect(try first.process.waitForExitStatus() == .signaled(number: SIGKILL))
        try await waitForEnd(of: child)
        #expect(!scratch.store.hasLayer(Self.diffID))
        #expect(!scratch.store.hasBlob(Self.descriptor.digest))
        let second = try Bringer(scratch).finish()
        #expect(second.status == .exited(code: 0), "\(second.words)")
        #expect(scratch.store.hasLayer(Self.diffID))
        #expect(try scratch.store.readBlob(Self.descriptor.digest) == Self.tar)
        let names = try folderEntries(scratch.store.layerPath(Self.diffID))
        #expect(names.count == 200)
    }

    @Test("leave nothing that garbage collection does not take")
    func leftOvers() async throws {
        let scratch = try Scratch()
        let bringer = try Bringer(scratch)
        #expect(try bringer.step(8))
        let child = try unpacker(of: bringer)
        try bringer.process.signal(SIGKILL)
        _ = try bringer.process.waitForExitStatus()
        try await waitForEnd(of: child)
        #expect(try !folderEntries(scratch.store.staging).isEmpty)
        #expect(try scratch.store.collectGarbage { StoreRoots() } != nil)
        #expect(try folderEntries(scratch.store.staging) == ["store.lock"])
    }

    @Test("say that the unpacker was killed, and work the next time", arguments: [1, 7, 15])
    func unpackerKilled(pieces: Int) throws {
        let scratch = try Scratch()
        let first = try Bringer(scratch)
        #expect(try first.step(pieces))
        kill(try unpacker(of: first), SIGKILL)
        let end = try first.finish()
        #expect(end.status == .exited(code: 1))
        #expect(end.words.contains("the unpacker was killed"), "\(end.words)")
        try scratch.expectEmpty()
        let second = try Bringer(scratch).finish()
        #expect(second.status == .exited(code: 0), "\(second.words)")
        #expect(scratch.store.hasLayer(Self.diffID))
    }

    @Test("are one download when two processes want the same")
    func together() throws {
        let scratch = try Scratch()
        let first = try Bringer(scratch)
        #expect(try first.step(3))
        let second = try Bringer(scratch)
        let end = try first.finish()
        #expect(end.status == .exited(code: 0), "\(end.words)")
        // It waits for the first one's lock and then asks for nothing.
        #expect(try !second.step(1))
        #expect(try second.process.waitForExitStatus() == .exited(code: 0))
        #expect(scratch.store.hasLayer(Self.diffID))
    }
}
