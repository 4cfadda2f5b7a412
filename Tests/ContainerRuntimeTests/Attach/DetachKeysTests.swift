import ContainerRuntime
import Testing

@Suite("detach keys")
struct DetachKeysTests {
    @Test(
        "docker's grammar",
        arguments: [
            ("ctrl-p,ctrl-q", [16, 17]), ("", [16, 17]), ("a", [97]), ("ctrl-a,a", [1, 97]),
            ("ctrl-@", [0]), ("ctrl-[", [27]), ("ctrl-\\", [28]), ("ctrl-]", [29]),
            ("ctrl-^", [30]), ("ctrl-_", [31]), ("ctrl-z", [26]), ("DEL", [127]),
        ] as [(String, [UInt8])]
    )
    func grammar(text: String, bytes: [UInt8]) { #expect(DetachKeys(text)?.bytes == bytes) }

    @Test(
        "keys that there are not",
        arguments: ["ctrl-A", "ctrl-", "ctrl-1", "ab", ",", "a,", "ctrl-p ctrl-q", "é", "del"]
    )
    func refused(text: String) { #expect(DetachKeys(text) == nil) }

    private static let p: UInt8 = 16
    private static let q: UInt8 = 17

    @Test(
        "what is typed passes, but for the keys",
        arguments: [
            ([[97, 98]], [97, 98], false),
            ([[p, q]], [], true),
            ([[97, p], [q, 98]], [97], true),
            ([[p]], [], false),
            ([[p], [97]], [p, 97], false),
            ([[p, p, q]], [p, p, q], false),
            ([[p], [p], [p]], [p, p], false),
            ([[p, p, p, q]], [p, p], true),
            ([[q, p]], [q], false),
            ([[p, q, 97]], [], true),
            ([[]], [], false),
        ] as [([[UInt8]], [UInt8], Bool)]
    )
    func filter(typed: [[UInt8]], passed: [UInt8], isDetached: Bool) {
        var filter = DetachKeyFilter(.standard)
        var seen: [UInt8] = []
        var wasDetached = false
        for part in typed {
            let result = filter.take(part)
            seen += result.passed
            wasDetached = wasDetached || result.isDetached
        }
        #expect(seen == passed)
        #expect(wasDetached == isDetached)
    }

    @Test(
        "keys that begin like themselves begin again after the first that does not fit, as docker's"
    )
    func overlapping() throws {
        let keys = try #require(DetachKeys("a,a,b"))
        var filter = DetachKeyFilter(keys)
        let result = filter.take(Array("aaab".utf8))
        #expect(result.passed == Array("aaab".utf8) && !result.isDetached)
        #expect(filter.take(Array("aab".utf8)).isDetached)
    }

    @Test("what was held back comes at the end of input")
    func heldBack() {
        var filter = DetachKeyFilter(.standard)
        #expect(filter.take([Self.p]).passed.isEmpty)
        #expect(filter.finish() == [Self.p])
        #expect(filter.finish().isEmpty)
    }
}
