import Bake
import Testing

/// Files that were made to hurt: they end soon, with an error.
@Suite("hostile bake files")
struct HostileBakeTests {
    @Test(
        "what nests too deeply is refused",
        arguments: [
            ("x = " + String(repeating: "[", count: 100_000)),
            ("x = " + String(repeating: "(", count: 100_000)),
            ("x = " + String(repeating: "-", count: 100_000) + "1"),
            ("x = " + String(repeating: "!", count: 100_000) + "true"),
            ("x = " + String(repeating: "\"${", count: 100_000)),
            ("x = " + String(repeating: "{a=", count: 100_000)),
            ("x = a" + String(repeating: ".a", count: 100_000)),
            ("x = a" + String(repeating: "[0]", count: 100_000)),
            ("x = a" + String(repeating: "[*]", count: 100_000)),
            ("x = 1" + String(repeating: " ? 1", count: 100_000)),
            (String(repeating: "a {\n", count: 100_000)),
            ("x = \"" + String(repeating: "%{ if true }", count: 100_000) + "\""),
            ("x = " + String(repeating: "f(", count: 100_000)),
            ("{\"x\": " + String(repeating: "[", count: 100_000)),
            ("{\"x\": " + String(repeating: "{\"a\":", count: 100_000)),
        ]
    )
    func depth(text: String) throws {
        #expect(try BakeDefinition.problem(text)?.contains("levels deep") == true)
    }

    @Test("long rows of operands are no depth")
    func rows() throws {
        let sum = Array(repeating: "1", count: 1000).joined(separator: " + ")
        #expect(throws: BakeError.self) { try BakeDefinition.value(of: sum) }
        let list = "[" + Array(repeating: "1", count: 100_000).joined(separator: ",") + "]"
        #expect(try BakeDefinition.value(of: "length(\(list))") == "100000")
    }

    @Test(
        "what never ends is ended",
        arguments: [
            "length([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]])",
            "f(1)",
            "jsonencode([for a in range(1000) : [for b in range(1000) : S]])",
            "\"%{ for a in range(1000) }%{ for b in range(1000) }%{ for c in range(1000) }xxxxxxxxxx%{ endfor }%{ endfor }%{ endfor }\"",
        ]
    )
    func endless(expression: String) throws {
        let text = """
            function "f" {
              params = [x]
              result = f(x + 1)
            }
            S = "\(String(repeating: "x", count: 10_000))"
            target "t" { args = { V = \(expression) } }
            """
        let problem = try BakeDefinition.problem(text)
        #expect(
            problem?.contains("more than bake files may") == true
                || problem?.contains("too long") == true,
            "\(problem ?? "none")"
        )
    }

    @Test(
        "a matrix of millions, a file of megabytes, and one that is no text are refused",
        arguments: [
            (
                "target \"a\" {\n name = \"x\"\n matrix = { a = range(1000), b = range(1000) }\n}",
                "more than 4096 targets"
            ),
            (String(repeating: "# comment\n", count: 500_000), "larger than 4 MiB"),
            ("x = \"\u{0}\"", "no text"),
        ]
    )
    func sizes(text: String, message: String) throws {
        #expect(try BakeDefinition.problem(text)?.contains(message) == true)
    }

    @Test("a file cut anywhere is an error or a file, never a crash")
    func cuts() throws {
        let text = """
            variable "A" { default = "${1 + 2}-%{ if true }x%{ endif }" }
            target "t" {
              args = { for k, v in { a = [1, 2][0] } : k => v }
              dockerfile-inline = <<-EOT
                FROM ${A}
              EOT
              tags = ["a", format("%s", A)]
            }
            """
        let bytes = Array(text.utf8)
        var errors = 0
        for count in bytes.indices {
            do {
                _ = try BakeDefinition.of(String(decoding: bytes[..<count], as: UTF8.self))
            } catch {
                errors += 1
            }
        }
        #expect(errors > bytes.count / 2)
    }
}
