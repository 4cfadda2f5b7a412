import CLinux
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite("the sealed program of keepers", .timeLimit(.minutes(1)))
struct KeeperProgramTests {
    /// Before Linux 6.3 the mode of a memory file cannot be sealed.
    @Test("a copy that a container has made impossible to execute is replaced by a new one")
    func changedMode() async throws {
        let spoilt = SharedFD(try Memfd.empty("berth-keeper"))
        spoilt.with { #expect(fchmod($0, 0o444) == 0) }
        let program = KeeperProgram(FilePath(Products.keeper), copy: spoilt)
        #expect(try program.sealed() === spoilt)
        // What it is told to do is nonsense, which it says: so it was executed.
        let keeper = try KeeperProcess.spawn(program, name: "test", spec: [0], descriptors: [:])
        let event = try await keeper.nextEvent()
        #expect(event?.kind == KeeperEventKind.failed.rawValue)
        #expect(event?.stage == KeeperStage.spec.rawValue)
        let renewed = try program.sealed()
        #expect(renewed !== spoilt)
        // The next one takes the new copy.
        let next = try KeeperProcess.spawn(program, name: "test", spec: [0], descriptors: [:])
        #expect(try await next.nextEvent()?.kind == KeeperEventKind.failed.rawValue)
        #expect(try program.sealed() === renewed)
    }
}
