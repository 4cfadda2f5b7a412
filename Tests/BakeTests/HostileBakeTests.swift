import Bake
import Compose
import Testing

/// One line for each number.
private func lines(_ count: Int, _ line: (Int) -> String) -> String {
    (0..<count).map { line($0) + "\n" }.joined()
}

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

    @Test(
        "more of one kind than anybody writes is refused at its place",
        arguments: [
            (lines(4097) { "target t\($0) {}" }, "4097:1: more than 4096 targets"),
            (lines(4097) { "group g\($0) {}" }, "4097:1: more than 4096 groups"),
            (lines(4097) { "variable v\($0) {}" }, "4097:1: more than 4096 variables"),
            (lines(4097) { "v\($0) = 1" }, "4097:1: more than 4096 variables"),
            (
                "group g { targets = ["
                    + Array(repeating: "\"t\"", count: 4097).joined(separator: ",")
                    + "] }",
                "more than 4096 targets in one group"
            ),
        ]
    )
    func counts(text: String, message: String) throws {
        let problem = try BakeDefinition.problem(text)
        #expect(problem?.contains(message) == true, "\(problem ?? "none")")
    }

    @Test("targets of matrices are counted together with the others")
    func matrices() throws {
        let matrix = "name = x\n matrix = { x = [for i in range(1000) : \"NAME${i}\"] }\n"
        let all = (0..<5).map { number in
            "target m\(number) {\n \(matrix.replacing("NAME", with: "m\(number)-"))}\n"
        }
        let problem = try BakeDefinition.problem(all.joined())
        #expect(
            problem?.contains("more than 4096 targets in all files") == true,
            "\(problem ?? "none")"
        )
    }

    @Test(
        "chains of targets and groups are bounded, whichever end is asked for first",
        arguments: [
            { "target t\($0) { inherits = [\"t\($0 + 1)\"] }" },
            { "target t\($0 + 1) { inherits = [\"t\($0)\"] }" },
            { "target t\($0) { contexts = { a = \"target:t\($0 + 1)\" } }" },
            { "target t\($0 + 1) { contexts = { a = \"target:t\($0)\" } }" },
            { "group t\($0) { targets = [\"t\($0 + 1)\"] }" },
        ] as [@Sendable (Int) -> String]
    )
    func chains(row: @Sendable (Int) -> String) throws {
        func plan(_ count: Int) throws -> BakePlan {
            let ends = "target t0 {}\ntarget t\(count) {}\n"
            let definition = try BakeDefinition.of(lines(count, row) + ends)
            return try definition.plan(for: ["t0", "t\(count / 2)", "t\(count)"])
        }
        #expect(try !plan(200).targets.isEmpty)
        let error = #expect(throws: BakeError.self) { try plan(300) }
        #expect(
            error?.description.contains("more than 256 levels deep") == true,
            "\(error?.description ?? "")"
        )
    }

    @Test("a target that others reach by many ways is looked at once")
    func ways() throws {
        let contexts = lines(60) {
            "target t\($0) { contexts = { a = \"target:t\($0 + 1)\", b = \"target:t\($0 + 1)\" } }"
        }
        let plan = try BakeDefinition.of(contexts + "target t60 {}").plan(for: ["t0"])
        #expect(plan.targets.count == 61)
        let inherited = lines(60) {
            "target t\($0) { inherits = [\"t\($0 + 1)\", \"t\($0 + 1)\"] }"
        }
        let child = try BakeDefinition.of(inherited + "target t60 { tags = [\"x\"] }")
            .plan(for: ["t0"])
        #expect(child.targets.first?.texts(.tags) == ["x"])
    }

    @Test(
        "values that double are counted with all that is in them",
        arguments: ["[V#, V#]", "{ a = V#, b = V# }", "[V#, [V#]]", "concat([V#], [V#])"]
    )
    func doubling(value: String) throws {
        let text = lines(40) {
            let inner = $0 == 0 ? "1" : value.replacing("#", with: "\($0 - 1)")
            return "variable \"V\($0)\" { default = \(inner) }"
        }
        let problem = try BakeDefinition.problem(text)
        #expect(problem?.contains("more than bake files may") == true, "\(problem ?? "none")")
    }

    @Test("a table may be looked into often")
    func tables() throws {
        let text = """
            variable "T" { default = [for i in range(500) : { name = "n${i}", size = i }] }
            target "t" { args = { V = join(",", [for i in range(500) : T[i].name]) } }
            """
        let value = try BakeDefinition.of(text).targets["t"]?.map(.args).first?.value
        #expect(value?.hasSuffix(",n499") == true)
    }

    @Test("chains of variables cost what their length is")
    func variables() throws {
        func name(_ number: Int) -> String { "V\(number + 10_000)" }
        let text = lines(2000) {
            "variable \"\(name($0))\" { default = \($0 == 0 ? "1" : name($0 - 1)) }"
        }
        let variables = try BakeDefinition.of(text, environment: ["V10000": "7"]).variables
        #expect(variables.count == 2000)
        #expect(variables.last?.value == "7")
    }

    @Test("of many problems the first fifty are told")
    func problems() throws {
        let text = lines(3000) { "target t\($0) { args = { A = u\($0) } }" }
        let error = #expect(throws: BakeError.self) { try BakeDefinition.of(text) }
        #expect(error?.problems.count == 50)
    }

    @Test(
        "bytes that are not UTF-8 are refused at their place",
        arguments: ["b.hcl", "b.json"],
        [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xE2, 0x82]] as [[UInt8]]
    )
    func encoding(name: String, bytes: [UInt8]) throws {
        let text = name.hasSuffix("hcl") ? "a = 1\nb = \"é" : "{\"a\": 1,\n\"b\": \"é"
        let file = BakeFile(name: name, bytes: Array(text.utf8) + bytes + Array("\"".utf8))
        let error = #expect(throws: BakeError.self) {
            try BakeDefinition([file], in: .init(environment: [:], platform: "", now: 0))
        }
        let problem = try #require(error?.problems.first)
        #expect(problem.message == "this byte is not UTF-8")
        #expect(problem.position.line == 2)
        #expect(problem.position.column == (name.hasSuffix("hcl") ? 7 : 8))
    }

    @Test(
        "a group that has itself is refused; a group with a target of its own name is none",
        arguments: [
            ("group a { targets = [\"b\"] }\ngroup b { targets = [\"a\"] }", "a has b has a"),
            (
                "group a { targets = [\"b\", \"t\"] }\ngroup b { targets = [\"c\"] }\n"
                    + "group c { targets = [\"b\"] }\ntarget t {}",
                "a has b has c has b"
            ),
            ("group a { targets = [\"a\"] }\ntarget a {}", nil),
            (
                "group a { targets = [\"b\", \"c\"] }\ngroup b { targets = [\"c\"] }\n"
                    + "group c { targets = [\"t\"] }\ntarget t {}", nil
            ),
        ] as [(String, String?)]
    )
    func groups(text: String, way: String?) throws {
        let definition = try BakeDefinition.of(text)
        guard let way else {
            #expect(try definition.plan(for: ["a"]).targets.count == 1)
            return
        }
        #expect(throws: BakeError("infinite loop from groups: \(way)")) {
            try definition.plan(for: ["a"])
        }
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
