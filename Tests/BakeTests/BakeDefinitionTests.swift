import Bake
import Compose
import Testing

/// What bake files define, and what follows of it.
@Suite("bake files")
struct BakeDefinitionTests {
    @Test(
        "variables have the environment's values, of the type of their default",
        arguments: [
            ([:], "xfalse-4"), (["N": "5", "B": "1"], "xtrue-6"), (["B": "TRUE"], "xtrue-4"),
        ]
    )
    func variables(environment: [String: String], value: String) throws {
        let definition = try BakeDefinition.of(
            """
            variable "N" { default = 3 }
            variable "B" { default = false }
            target "a" { args = { T = "x${B}-${N + 1}" } }
            """,
            environment: environment
        )
        #expect(definition.targets["a"]?.map(.args).first?.value == value)
    }

    @Test(
        "a typed list is read from the environment, plain or as JSON",
        arguments: [
            (["T": "3,4"], "3-4"), (["T_JSON": "[7]"], "7"), ([:], "1"),
        ]
    )
    func lists(environment: [String: String], value: String) throws {
        let definition = try BakeDefinition.of(
            """
            variable "T" {
              type = list(number)
              default = [1]
            }
            target "a" { args = { T = join("-", T) } }
            """,
            environment: environment
        )
        #expect(definition.targets["a"]?.map(.args).first?.value == value)
    }

    @Test(
        "files that are wrong are told at their place",
        arguments: [
            (
                "variable \"N\" { default = 3 }", ["N": "x"],
                "1:1: variable.N: N of the environment is \"x\": a number is wanted"
            ),
            (
                "variable \"L\" { default = [1] }", ["L": "x"],
                "1:1: variable.L: L of the environment cannot take the place"
            ),
            ("variable \"x\" { default = x }", [:], "1:26: variable.x: x needs itself"),
            (
                "variable \"V\" {\n default = \"bad\"\n validation {\n  condition = V == \"good\"\n  error_message = \"must be good\"\n }\n}",
                [:], "4:17: variable.V: the value of V is not valid: must be good"
            ),
            ("target \"a\" { foo = 1 }", [:], "1:14: target: a target has no foo"),
            (
                "target \"a\" { dokerfile = 1 }", [:],
                "1:14: target: a target has no dokerfile; did you mean dockerfile?"
            ),
            (
                "target \"a\" { context = [1] }", [:],
                "1:24: target.a.context: this is a list; a text is wanted"
            ),
            (
                "target \"a\" { tags = \"x\" }", [:],
                "1:21: target.a.tags: this is a text; a list of texts is wanted"
            ),
            (
                "target \"a\" { args = {A = [1]} }", [:],
                "1:21: target.a.args: this is a list; a text as the value of A is wanted"
            ),
            ("target \"a b\" {}", [:], "1:8: target: the name a b is not valid"),
            ("frob \"x\" {}", [:], "1:1: unknown block frob"),
            ("target \"a\" {", [:], "1:13: the file ends inside a block; add }"),
            ("target \"a\" {} x", [:], "1:15: expected the end of the line"),
            ("a = 1\na = 2", [:], "2:1: a is set twice"),
            (
                "target \"a\" { matrix = {x=[1]} }", [:],
                "1:14: target: a target with a matrix needs a name"
            ),
            ("x = \"a\nb\"", [:], "1:5: a text in quotes ends on its line"),
            ("x = <<E\na\n", [:], "1:5: the here-document has no line that says E alone"),
            (
                "{\"target\": {\"a\": {\"context\": \"${nope}\"}}}", [:],
                "1:30: target.a.context: there is no variable nope"
            ),
            ("{\"target\": {\"a\": 1}}", [:], "1:18: target a is an object"),
            ("{\"target\": {}, }", [:], "1:16: expected a name in quotes"),
            ("{\"target\" {}}", [:], "1:11: expected : behind a name"),
        ]
    )
    func faults(text: String, environment: [String: String], start: String) throws {
        let problem = try BakeDefinition.problem(text, environment: environment)
        #expect(problem?.hasPrefix(start) == true, "\(problem ?? "none")")
    }

    @Test("everything that is wrong is told at once")
    func all() throws {
        let error = #expect(throws: BakeError.self) {
            try BakeDefinition.of("target \"a\" {\n context = x\n tags = 1\n}\nfrob {}\n")
        }
        #expect(error?.problems.map(\.position.line).sorted() == [2, 3, 5])
    }

    @Test("functions of the file, and attributes of other targets")
    func functions() throws {
        let definition = try BakeDefinition.of(
            """
            function "tag" {
              params = [name]
              variadic_params = rest
              result = ["r/${name}:${join("-", rest)}"]
            }
            target "a" { tags = tag("app", "1", "2") }
            target "b" {
              tags = target.a.tags
            }
            """
        )
        #expect(definition.targets["b"]?.texts(.tags) == ["r/app:1-2"])
    }

    @Test("later files win, maps are joined")
    func files() throws {
        let definition = try BakeDefinition.of(
            "target \"a\" {\n args = { A = 1, B = 2 }\n tags = [\"x\"]\n}",
            "{\"target\": {\"a\": {\"args\": {\"B\": \"v${1 + 2}\"}, \"tags\": [\"y\"]}}}"
        )
        #expect(definition.targets["a"]?.map(.args).map(\.value) == ["1", "v3"])
        #expect(definition.targets["a"]?.texts(.tags) == ["y"])
    }

    @Test("a group takes the place of an earlier one, and of that of compose's services")
    func laterGroups() throws {
        let definition = try BakeDefinition.of(
            "group \"default\" { targets = [\"a\"] }\ngroup \"x\" { targets = [\"a\"] }\ntarget \"a\" {}",
            "{\"group\": {\"default\": {\"targets\": [\"b\", \"b\"]}}, \"target\": {\"b\": {}}}"
        )
        #expect(definition.groups.mapValues(\.members) == ["default": ["b"], "x": ["a"]])
        let beside = try BakeDefinition(
            [
                BakeFile(
                    name: "a.hcl",
                    bytes: Array(
                        "group \"default\" { targets = [\"a\"] }\ntarget \"a\" {}".utf8
                    )
                )
            ],
            services: [BakeTarget(name: "web")],
            in: .init(environment: [:], platform: "linux/amd64", now: 0)
        )
        #expect(try beside.plan().targets.map(\.name) == ["a"])
    }

    @Test(
        "an empty text of a list is none",
        arguments: [
            "tags", "platforms", "annotations", "no-cache-filter", "ulimits", "entitlements",
            "output", "cache-from", "cache-to", "secret", "ssh", "attest",
        ]
    )
    func emptyTexts(attribute: String) throws {
        let plan = try BakeDefinition.of("target \"a\" { \(attribute) = [\"\"] }").plan(for: ["a"])
        #expect(!plan.text.contains("\"\(attribute)\""), "\(plan.text)")
    }

    @Test("the others of a list stay, each once")
    func otherTexts() throws {
        let definition = try BakeDefinition.of(
            "target \"a\" {\n tags = [\"x\", \"\", \"y\", \"x\"]\n output = [\"\", \"out\"]\n}"
        )
        #expect(definition.targets["a"]?.texts(.tags) == ["x", "y"])
        #expect(definition.targets["a"]?.options(.output).map(\.flag) == ["type=local,dest=out"])
    }

    @Test("variables are listed with what they have")
    func listed() throws {
        let definition = try BakeDefinition.of(
            "variable \"L\" {\n type = list(string)\n default = [\"a\"]\n description = \"d\"\n}"
        )
        let variable = try #require(definition.variables.first)
        #expect(
            [variable.name, variable.type, variable.value, variable.description] == [
                "L", "list(string)", "[\"a\"]", "d",
            ]
        )
    }
}
