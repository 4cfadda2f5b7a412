import CLinux
import Engine
import Foundation
import Glibc
import Linux
import SystemPackage
import Testing

@testable import berth

@Suite("a command's work on a project", .enabled(if: geteuid() == 0), .timeLimit(.minutes(1)))
struct ProjectWorkTests {
    @Test("a command that took the project away leaves alone the lock that the next one has made")
    func forgottenOnce() async throws {
        // A process of its own, for its environment.
        await #expect(processExitsWith: .success) { try await Self.work() }
    }

    private static func work() async throws {
        // A network namespace of its own, since recovery looks at the network.
        try #require(berth_unshare(CLONE_NEWNET) == 0)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "berth-work-\(UInt32.random(in: .min ... .max))").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        setenv("BERTH_ROOT", "\(folder)/root", 1)
        setenv("BERTH_RUN", "\(folder)/run", 1)
        setenv("BERTH_KEEPER", "/bin/true", 1)
        let session = try Session.open()
        let work = try ProjectWork(
            on: "shop",
            of: nil,
            session: session,
            progress: Progress(style: .plain, usesColour: false)
        )
        let path = session.layout.convergenceLock("shop").string
        let next = try await work.alone(mending: false) {
            try await session.engine.forgetProject(named: "shop")
            #expect(access(path, F_OK) != 0)
            // The next command, before it has written down its project.
            return try await session.engine.convergenceLock(ofProject: "shop")
        }
        #expect(access(path, F_OK) == 0)
        #expect(try FileLock.tryAcquire(FilePath(path)) == nil)
        withExtendedLifetime(next) {}
        // One of which nothing was made keeps no lock behind.
        try await ProjectWork(
            on: "other",
            of: nil,
            session: session,
            progress: Progress(style: .plain, usesColour: false)
        ).alone(mending: false) {}
        #expect(access(session.layout.convergenceLock("other").string, F_OK) != 0)
    }
}
