import ContainerRuntime
import Testing

@testable import Supervisor

@Suite("RestartBackoff")
struct RestartBackoffTests {
    @Test(
        "restarts as the policy says",
        arguments: [
            (RestartPolicy.no, Int32(0), false), (.no, 1, false),
            (.always, 0, true), (.always, 1, true),
            (.unlessStopped, 0, true), (.unlessStopped, 137, true),
            (.onFailure(maximumRetries: nil), 0, false),
            (.onFailure(maximumRetries: nil), 1, true),
            (.onFailure(maximumRetries: 3), 143, true),
            (.onFailure(maximumRetries: 0), 1, false),
        ]
    )
    func policy(policy: RestartPolicy, code: Int32, restarts: Bool) {
        var backoff = RestartBackoff(policy: policy)
        #expect((backoff.next(afterCode: code, ranFor: .zero) != nil) == restarts)
        #expect(backoff.restarts == (restarts ? 1 : 0))
    }

    @Test("doubles from 100 ms to a minute")
    func doubles() {
        var backoff = RestartBackoff(policy: .always)
        let delays = (0..<12).compactMap { _ in backoff.next(afterCode: 1, ranFor: .seconds(1)) }
        #expect(
            delays == [
                .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
                .milliseconds(1600), .milliseconds(3200), .milliseconds(6400),
                .milliseconds(12800), .milliseconds(25600), .milliseconds(51200), .seconds(60),
                .seconds(60),
            ]
        )
        #expect(backoff.restarts == 12)
    }

    @Test("a run of ten seconds restarts the delays but not the count")
    func settles() {
        var backoff = RestartBackoff(policy: .always)
        _ = backoff.next(afterCode: 1, ranFor: .zero)
        _ = backoff.next(afterCode: 1, ranFor: .zero)
        #expect(backoff.shortRuns == 2)
        #expect(backoff.next(afterCode: 1, ranFor: .seconds(10)) == .milliseconds(100))
        #expect(backoff.restarts == 3)
        #expect(backoff.shortRuns == 0)
        _ = backoff.next(afterCode: 1, ranFor: .seconds(9))
        #expect(backoff.shortRuns == 1)
    }

    @Test("on-failure stops after its number of retries, until asked again")
    func retries() {
        var backoff = RestartBackoff(policy: .onFailure(maximumRetries: 2))
        #expect(backoff.next(afterCode: 1, ranFor: .zero) != nil)
        #expect(backoff.next(afterCode: 1, ranFor: .zero) != nil)
        #expect(backoff.next(afterCode: 1, ranFor: .zero) == nil)
        backoff.reset()
        #expect(backoff.next(afterCode: 1, ranFor: .zero) == .milliseconds(100))
    }
}
