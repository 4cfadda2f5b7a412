import Compose
import Testing

@Suite("Problem")
struct ProblemTests {
    @Test("is rendered with the offending line and a caret")
    func rendering() {
        var problem = Problem(
            position: Position(file: "compose.yaml", line: 14, column: 7),
            path: "services.web",
            message: "unknown key \"prots\"",
            hint: "did you mean \"ports\"?"
        )
        problem.sourceLine = "      prots: [80]"
        #expect(
            problem.rendered() == """
                compose.yaml:14:7: services.web: unknown key "prots"; did you mean "ports"?
                   14 |       prots: [80]
                      |       ^
                """
        )
    }
}
