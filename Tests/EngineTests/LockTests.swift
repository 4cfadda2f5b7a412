import Engine
import Linux
import Testing
import TestSupport

@Suite(
    "the convergence lock",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(1))
)
struct LockTests {
    @Test("is for one command at a time, also when the project goes away with its folder")
    func projectGoesAway() async throws {
        let machine = try await TestEngine()
        let engine = machine.engine
        var first: FileLock? = try await engine.convergenceLock(ofProject: "shop")
        let (waits, wait) = AsyncStream<Void>.makeStream()
        let second = Task {
            try await engine.convergenceLock(ofProject: "shop") { wait.finish() }
        }
        for await _ in waits {}
        try removeTree(engine.layout.projectRun("shop"))
        withExtendedLifetime(first) {}
        first = nil
        let lock = try await second.value
        #expect(try FileLock.tryAcquire(engine.layout.convergenceLock("shop")) == nil)
        withExtendedLifetime(lock) {}
    }
}
