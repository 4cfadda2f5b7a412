import Foundation
import TestSupport
import Testing

/// Docker's verbs on one container, in every order.
@Suite(
    "root: the life of a container",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(10))
)
struct LifecycleTests {
    private static let verbs = [
        ["kill"], ["rm", "-f"], ["stop", "-t", "0"], ["pause"], ["unpause"], ["start"],
        ["restart", "-t", "0"], ["rm"],
    ]

    /// What docker 28 does: the code, the state afterwards (nil is gone) and words of the error.
    private static let rules: [String: [String: (code: Int32, next: String?, words: String)]] = [
        "created": [
            "kill": (1, "created", "is not running"), "rm": (0, nil, ""),
            "stop": (0, "created", ""), "pause": (1, "created", "is not running"),
            "unpause": (1, "created", "is not paused"), "start": (0, "running", ""),
            "restart": (0, "running", ""), "rm -f": (0, nil, ""),
        ],
        "running": [
            "kill": (0, "exited", ""), "rm": (1, "running", "container is running: stop"),
            "stop": (0, "exited", ""), "pause": (0, "paused", ""),
            "unpause": (1, "running", "is not paused"), "start": (0, "running", ""),
            "restart": (0, "running", ""), "rm -f": (0, nil, ""),
        ],
        "paused": [
            "kill": (0, "exited", ""), "rm": (1, "paused", "container is paused and must be"),
            "stop": (0, "exited", ""), "pause": (1, "paused", "is already paused"),
            "unpause": (0, "running", ""),
            "start": (1, "paused", "cannot start a paused container"),
            "restart": (0, "running", ""), "rm -f": (0, nil, ""),
        ],
        "exited": [
            "kill": (1, "exited", "is not running"), "rm": (0, nil, ""),
            "stop": (0, "exited", ""), "pause": (1, "exited", "is not running"),
            "unpause": (1, "exited", "is not paused"), "start": (0, "running", ""),
            "restart": (0, "running", ""), "rm -f": (0, nil, ""),
        ],
    ]

    /// A sequence of letters in which every word of `length` letters occurs once (de Bruijn's).
    static func everyWord(letters: Int, length: Int) -> [Int] {
        var word = [Int](repeating: 0, count: letters * length)
        var sequence: [Int] = []
        func extend(_ position: Int, _ period: Int) {
            if position > length {
                if length % period == 0 { sequence += word[1...period] }
                return
            }
            word[position] = word[position - period]
            extend(position + 1, period)
            for letter in word[position - period] + 1..<max(letters, word[position - period] + 1) {
                word[position] = letter
                extend(position + 1, position)
            }
        }
        extend(1, 1)
        return sequence + sequence.prefix(length - 1)
    }

    @Test("every pair of verbs occurs in such a sequence, and so does every triple")
    func words() {
        for length in [2, 3] {
            let sequence = Self.everyWord(letters: 8, length: length)
            let count = sequence.count - length + 1
            let words = Set((0..<count).map { Array(sequence[$0..<$0 + length]) })
            #expect(words.count == (length == 2 ? 64 : 512))
        }
    }

    @Test("verbs in every order, two in a row or with BERTH_RACES three, do what docker's do")
    func everyOrder() async throws {
        let isLong = ProcessInfo.processInfo.environment["BERTH_RACES"] != nil
        try await TestMachine.with { machine in
            try await machine.importBox("sleep", as: "box:1")
            let docker = [TestMachine.berth, "docker"]
            let create = docker + ["create", "--network", "none", "--name", "cc", "box:1"]
            #expect(try await machine.run(create + ["sleep", "1000"]).status == 0)
            var state = "created"
            var seen: Set<String> = []
            for letter in Self.everyWord(letters: Self.verbs.count, length: isLong ? 3 : 2) {
                let verb = Self.verbs[letter]
                let name = verb == ["rm", "-f"] ? "rm -f" : verb[0]
                let rule = try #require(Self.rules[state]?[name])
                let run = try await machine.run(docker + verb + ["cc"])
                #expect(run.status == rule.code, "\(name) of one that is \(state): \(run)")
                #expect(
                    rule.words.isEmpty || run.err.contains(rule.words),
                    "\(name) of one that is \(state): \(run)"
                )
                seen.insert("\(state) \(name)")
                if let next = rule.next {
                    let inspect = docker + ["inspect", "-f", "{{.State.Status}}", "cc"]
                    try await machine.until("\(next) after \(name) of one that is \(state)") {
                        try await machine.run(inspect).out == "\(next)\n"
                    }
                    state = next
                } else {
                    #expect(try await machine.run(create + ["sleep", "1000"]).status == 0)
                    state = "created"
                }
            }
            #expect(try await machine.run(docker + ["rm", "-f", "cc"]).status == 0)
            #expect(seen.count > 20)
        }
    }
}
