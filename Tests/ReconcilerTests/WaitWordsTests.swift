import ContainerRuntime
import Supervisor
import Testing

@testable import Reconciler

@Suite("What a wait that was in vain says")
struct WaitWordsTests {
    private let container = ContainerReference(name: "shop-db-1", service: "db")

    @Test(
        "a run that ended well is ready; one that did not is named with its code",
        arguments: [
            (WaitCondition.ready, WaitOutcome.exited(code: 0), nil),
            (.ready, .exited(code: 2), "container shop-db-1 exited (2)"),
            (
                .ready, .exitedAgain(code: 0, times: 8),
                "container shop-db-1 exited (0), 8 times in a row"
            ),
            (
                .healthy, .exitedAgain(code: 3, times: 9),
                "dependency failed to start: container shop-db-1 exited (3), 9 times in a row"
            ),
            (
                .running, .exited(code: 0),
                "dependency failed to start: container shop-db-1 exited (0)"
            ),
            (.gone, .exited(code: 0), nil),
            (
                .gone, .exited(code: 1),
                "service \"db\" didn't complete successfully: exit 1"
            ),
            (
                .healthy, .unhealthy(nil),
                "dependency failed to start: container shop-db-1 is unhealthy"
            ),
        ] as [(WaitCondition, WaitOutcome, String?)]
    )
    func reasons(condition: WaitCondition, outcome: WaitOutcome, reason: String?) {
        #expect(condition.failure(outcome, of: container) == reason)
    }

    @Test("an excerpt is the end of the output, and nothing in it moves a cursor")
    func excerpt() {
        #expect(Excerpt(of: "").lines == [])
        #expect(Excerpt(of: "a\r\nb\n\n \n").lines == ["a", "b"])
        #expect(
            Excerpt(of: "\u{1B}[2Jgone\u{7}\u{202E}").lines == ["\\u{1B}[2Jgone\\u{07}\\u{202E}"]
        )
        let many = (1...30).map { "line \($0)" }.joined(separator: "\n")
        #expect(Excerpt(of: many).lines == (21...30).map { "line \($0)" })
        #expect(Excerpt(of: String(repeating: "x", count: 5000)).lines[0].count == 301)
    }

    @Test("a problem shows it below its first line")
    func problem() {
        var problem = ReconcilerError.Problem("", "it failed", remedy: "see")
        problem.excerpt = Excerpt(of: "one\ntwo\n")
        #expect(problem.description == "it failed; see\n    one\n    two")
    }
}
