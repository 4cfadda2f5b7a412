import Compose
import Testing

/// Lines and columns of texts with odd characters, and texts that must be escaped.
@Suite("Places in odd texts")
struct PlaceTests {
    @Test("a byte order mark is no character of the first line")
    func byteOrderMark() {
        #expect(problems("\u{FEFF}wrong: 1\nname: x\n").contains("compose.yaml:1:1: unknown key"))
    }

    @Test("what is missing at the end is told at the end, not on a line that is not there")
    func end() {
        #expect(problems("services:\n  a: [x").contains("compose.yaml:2:8: "))
        #expect(problems("services:\n  a").contains("compose.yaml:2:3: services"))
        #expect(problems("services:\r\n  a: [x").contains("compose.yaml:2:8: "))
        #expect(problems("services:\u{85}  a: [x").contains("compose.yaml:2:8: "))
    }

    @Test("a mistake behind the part of a line that is shown is told all the same")
    func longLine() {
        let text = "services:\n  a: {x-long: \(String(repeating: "y", count: 6000))} : b: c\n"
        #expect(problems(text).contains("compose.yaml:2:"))
        let second = "services:\n  a: \(String(repeating: "y", count: 6000)): c: d\n"
        #expect(problems(second).contains("compose.yaml:2:"))
    }

    @Test(
        "a problem that is found after loading stands at the place of its path",
        arguments: [
            ("services.a.b.ports[1]", "compose.yaml:4:14: "),
            ("services.a.image", "compose.yaml:2:"),
            ("services.a.b.ports[2]", nil), ("services.x", nil), ("services.a.b.portsx", nil),
        ] as [(String, String?)]
    )
    func afterLoading(path: String, start: String?) throws {
        let text = """
            services:
              a: {image: x}
              a.b: {image: x, ports: ["90-91:90",
                         "80-81:80"]}
            """
        let problem = try load(text).problem("too few", at: path, hint: "more")
        #expect((problem == nil) == (start == nil))
        if let start { #expect(problem?.description.hasPrefix(start) == true) }
    }

    @Test("what a parser takes for the end of a line is escaped in the output")
    func escapes() throws {
        let loaded = try load(#"services: {a: {image: x, labels: {k: "a\Lb\P", "l\L": c}}}"#)
        #expect(loaded.yaml().contains(#"k: "a\Lb\P""#))
        #expect(try load(loaded.yaml()).yaml() == loaded.yaml())
    }

    @Test("a key that is too long for a line of its own is written so that it can be read")
    func longKeys() throws {
        let key = String(repeating: "k", count: 2000)
        let loaded = try load(
            "services: {a: {image: x, labels: {? \(key) : v}}}\nx-m: {? \(key) : {b: c}}"
        )
        #expect(loaded.yaml().contains("\n      ? \(key)\n      : v\n"))
        #expect(try load(loaded.yaml()).yaml() == loaded.yaml())
    }

    @Test("limits of zero are said, so that they are read again")
    func zeroLimits() throws {
        let loaded = try load(
            "services: {a: {image: x, ulimits: {core: {soft: 0, hard: 0}, nofile: {soft: 0, hard: 9}}}}"
        )
        #expect(loaded.yaml().contains("core:\n        soft: 0\n        hard: 0\n"))
        #expect(try load(loaded.yaml()).yaml() == loaded.yaml())
    }
}
