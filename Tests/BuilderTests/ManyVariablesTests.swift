import OCI
import Testing

@testable import Builder

/// Files that nobody writes by hand: their cost grows with their length, not with its square.
@Suite("Dockerfiles of a hundred thousand lines")
struct ManyVariablesTests {
    @Test("each ENV costs the same", .timeLimit(.minutes(1)))
    func environment() throws {
        let scope = StageScope(escape: "\\", given: [:], predefined: [:])
        var state = StageState(scratch: scope)
        for number in 0..<100_000 {
            _ = try state.configure(.env([.init(name: "V\(number)", value: "y")]))
        }
        #expect(state.configuration.config.environment.count == 100_001)
        #expect(try state.scope.word("$V99999") == "y")
    }

    @Test("a value takes the place of an earlier one")
    func replaces() throws {
        let scope = StageScope(escape: "\\", given: [:], predefined: [:])
        var state = StageState(scratch: scope)
        for value in ["1", "2"] { _ = try state.configure(.env([.init(name: "A", value: value)])) }
        _ = try state.configure(.env([.init(name: "B", value: "$A-$PATH")]))
        #expect(
            state.configuration.config.environment.dropFirst() == [
                "A=2", "B=2-\(StageState.defaultPath.dropFirst(5))",
            ]
        )
    }
}
