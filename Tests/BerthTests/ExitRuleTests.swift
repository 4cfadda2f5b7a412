import Testing

@testable import berth

/// Which end of a container ends an attached `up`, and with which exit code.
@Suite("the end of a container in an attached up")
struct ExitRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rule: ExitRule
        /// Services that end, with their codes, in this order.
        var ends: [(String, Int32)]
        /// The index of the end that stops the others; nil if none does.
        var stops: Int?
        var exitCode: Int32
    }

    private static func rule(
        _ abortion: ExitRule.Abortion,
        codeFrom: String? = nil,
        services: Set<String> = ["web", "db", "job"]
    ) -> ExitRule {
        ExitRule(abortion, codeFrom: codeFrom, services: services, jobs: ["job"])
    }

    private static let cases = [
        Case(
            testDescription: "without a flag no end means anything",
            rule: rule(.never),
            ends: [("web", 3), ("db", 0)],
            stops: nil,
            exitCode: 0
        ),
        Case(
            testDescription: "the first end counts, and later ones do not",
            rule: rule(.onExit),
            ends: [("db", 3), ("web", 7)],
            stops: 0,
            exitCode: 3
        ),
        Case(
            testDescription: "an end without an error is one",
            rule: rule(.onExit),
            ends: [("db", 0), ("web", 7)],
            stops: 0,
            exitCode: 0
        ),
        Case(
            testDescription: "what others wait for to complete may succeed",
            rule: rule(.onExit),
            ends: [("job", 0), ("web", 7)],
            stops: 1,
            exitCode: 7
        ),
        Case(
            testDescription: "and not fail",
            rule: rule(.onExit),
            ends: [("job", 2)],
            stops: 0,
            exitCode: 2
        ),
        Case(
            testDescription: "of failures the first one counts",
            rule: rule(.onFailure),
            ends: [("db", 0), ("web", 137), ("job", 1)],
            stops: 1,
            exitCode: 137
        ),
        Case(
            testDescription: "the code is that of the chosen service, whoever ended first",
            rule: rule(.onExit, codeFrom: "web"),
            ends: [("db", 3), ("web", 7), ("web", 8)],
            stops: 0,
            exitCode: 7
        ),
        Case(
            testDescription: "also when it succeeded",
            rule: rule(.onExit, codeFrom: "web"),
            ends: [("web", 0), ("db", 143)],
            stops: 0,
            exitCode: 0
        ),
        Case(
            testDescription: "the chosen service may be one that others wait for",
            rule: rule(.onExit, codeFrom: "job"),
            ends: [("job", 0)],
            stops: 0,
            exitCode: 0
        ),
        Case(
            testDescription: "what is not shown does not count",
            rule: rule(.onExit, services: ["web"]),
            ends: [("db", 3), ("web", 4)],
            stops: 1,
            exitCode: 4
        ),
        Case(
            testDescription: "unless it is the chosen service",
            rule: rule(.onExit, codeFrom: "db", services: ["web"]),
            ends: [("db", 3), ("web", 4)],
            stops: 0,
            exitCode: 3
        ),
    ]

    @Test("stops the others once, and gives the exit code", arguments: cases)
    func ends(test: Case) {
        var rule = test.rule
        var stops: [Int] = []
        for (index, end) in test.ends.enumerated() where rule.ended(end.0, code: end.1) {
            stops.append(index)
        }
        #expect(stops == [test.stops].compactMap(\.self))
        #expect(rule.exitCode == test.exitCode)
    }
}
