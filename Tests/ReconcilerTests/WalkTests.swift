import ContainerRuntime
import Synchronization
import Testing

@testable import Reconciler

/// What a walk did, in order.
private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

private struct Broken: Error {}

@Suite("Walking a plan")
struct WalkTests {
    private func step(_ name: String, after: [Int] = [], behind: [Int] = []) -> Plan.Step {
        .init(.removeVolume(name: name), because: "", after: after, behind: behind)
    }

    private func name(_ operation: Plan.Operation) -> String {
        if case .removeVolume(let name) = operation { name } else { "?" }
    }

    @Test("steps follow their predecessors")
    func order() async {
        let plan = Plan(steps: [step("a"), step("b", after: [0]), step("c", after: [1])])
        let journal = Journal()
        let result = await plan.walk { operation in
            journal.add(name(operation))
            return .done
        }
        #expect(journal.all == ["a", "b", "c"])
        #expect(result.succeeded)
    }

    @Test("a failure skips its dependents, and nothing else")
    func failure() async {
        let plan = Plan(steps: [
            step("a"), step("b", after: [0]), step("c", after: [1]), step("d"),
            step("e", after: [3]), step("f", behind: [0]),
        ])
        let journal = Journal()
        let result = await plan.walk { operation in
            journal.add(name(operation))
            if name(operation) == "a" { throw Broken() }
            return .done
        }
        #expect(Set(journal.all) == ["a", "d", "e", "f"])
        #expect(result.failures.map(\.step) == [0])
        #expect(result.skipped == [1, 2])
        #expect(throws: Broken.self) { try result.check() }
    }

    @Test("an ignored wait lets its dependents go on")
    func ignored() async {
        let plan = Plan(steps: [step("a"), step("b", after: [0])])
        let result = await plan.walk { _ in .ignored("it is only nice to have") }
        #expect(result.succeeded)
    }

    @Test("no more than the limit are at work")
    func limit() async {
        let plan = Plan(steps: (0..<20).map { step("\($0)") })
        let peak = Mutex((now: 0, most: 0))
        _ = await plan.walk(limit: 3) { _ in
            peak.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            await Task.yield()
            peak.withLock { $0.now -= 1 }
            return .done
        }
        #expect(peak.withLock { $0.most } <= 3)
    }

    @Test("what is independent runs at the same time")
    func parallel() async {
        let plan = Plan(steps: [step("a"), step("b")])
        let (stream, met) = AsyncStream<Void>.makeStream()
        let arrived = Mutex(0)
        let result = await plan.walk { _ in
            let both = arrived.withLock {
                $0 += 1
                return $0 == 2
            }
            if both { met.finish() }
            for await _ in stream {}
            return .done
        }
        #expect(result.succeeded)
    }

    @Test("a cancelled walk begins nothing more")
    func cancelled() async {
        let plan = Plan(steps: [step("a"), step("b", after: [0])])
        let (started, begin) = AsyncStream<Void>.makeStream()
        let task = Task {
            await plan.walk { _ in
                begin.finish()
                // Ends by the cancellation of its task.
                for await _ in AsyncStream<Void>.makeStream().stream {}
                try Task.checkCancellation()
                return .done
            }
        }
        for await _ in started {}
        task.cancel()
        let result = await task.value
        #expect(result.wasCancelled)
        #expect(throws: CancellationError.self) { try result.check() }
    }

    @Test("every step is reported from beginning to end")
    func reports() async {
        let plan = Plan(steps: [step("a"), step("b", after: [0]), step("c", after: [1])])
        let journal = Journal()
        _ = await plan.walk { operation in
            if name(operation) == "b" { throw Broken() }
            return .done
        } report: { event in
            switch event.kind {
            case .started: journal.add("\(event.step) started")
            case .finished: journal.add("\(event.step) finished")
            case .completed: journal.add("\(event.step) completed")
            case .ignored: journal.add("\(event.step) ignored")
            case .failed: journal.add("\(event.step) failed")
            case .skipped: journal.add("\(event.step) skipped")
            }
        }
        #expect(
            journal.all == ["0 started", "0 finished", "1 started", "1 failed", "2 skipped"]
        )
    }
}
