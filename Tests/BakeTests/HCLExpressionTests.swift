import Bake
import Testing

/// What expressions of bake files come to; the values are buildx's.
@Suite("expressions of bake files")
struct HCLExpressionTests {
    @Test(
        "operators, with their order",
        arguments: [
            ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("7 / 2", "3.5"), ("-5 % 3", "-2"),
            ("\"1\" + 2", "3"), ("1e3", "1000"), ("10 - 2 - 3", "5"), ("!true || true", "true"),
            ("1 < 2 && 2 <= 2", "true"), ("1 == 1.0", "true"), ("\"1\" == 1", "false"),
            ("1 != 2 ? \"a\" : \"b\"", "a"), ("true ? false ? 1 : 2 : 3", "2"),
            ("[\"a\", \"b\",][1]", "b"), ("{ a = 1, \"b\" : 2 }.b", "2"),
            ("{ (\"x\") = 3 }[\"x\"]", "3"),
            ("[{n=1},{n=2}].*.n[1]", "2"), ("join(\",\", [{n=1},{n=2}][*].n)", "1,2"),
            ("join(\",\", [for k, v in {b=1,a=2} : \"${k}${v}\"])", "a2,b1"),
            ("join(\",\", [for v in [1,2,3] : v * 2 if v > 1])", "4,6"),
            ("{for v in [\"p\",\"q\"] : v => upper(v)}.q", "Q"),
            ("join(\"\", {for v in [\"ab\",\"ac\"] : substr(v, 0, 1) => v...}.a)", "abac"),
            ("max([1, 5, 2]...)", "5"),
        ]
    )
    func operators(expression: String, value: String) throws {
        #expect(try BakeDefinition.value(of: expression) == value)
    }

    @Test(
        "texts: values, escapes, directives, here-documents",
        arguments: [
            (#""a-${1 + 1}-b""#, "a-2-b"), (#""\u0041\n\t\"\\""#, "A\n\t\"\\"),
            (#""$${x} %%{x} $x""#, "${x} %{x} $x"), (#""${"in ${"side"}"}""#, "in side"),
            (#""%{ if 1 < 2 ~} yes %{ else }no%{ endif }""#, "yes "),
            (#""%{ for v in ["a","b"] }<${v}>%{ endfor }""#, "<a><b>"),
            (#""a  ${~ "x" ~}  b""#, "axb"),
            ("<<EOT\nx ${1+1}\n  y\nEOT\n", "x 2\n  y\n"),
            ("<<-EOT\n    a\n      b\n  EOT\n", "a\n  b\n"),
        ]
    )
    func texts(expression: String, value: String) throws {
        #expect(try BakeDefinition.value(of: expression) == value)
    }

    @Test(
        "functions",
        arguments: [
            (
                #"format("%s-%d-%05.1f|%q|%t|%v", "x", 5, 3.14159, "hi", true, [1])"#,
                #"x-5-003.1|"hi"|true|[1]"#
            ),
            (#"join(",", formatlist("%s/%s", ["a","b"], "c"))"#, "a/c,b/c"),
            (#"jsonencode({b=[1,true,null],a="x<y"})"#, #"{"a":"x\u003cy","b":[1,true,null]}"#),
            (#"jsondecode("{\"a\":[1,2]}").a[1]"#, "2"),
            (#"title("hello big world")"#, "Hello Big World"),
            (
                #"formatdate("YYYY-MM-DD'T'hh:mm:ssZ EEE MMM", "2020-01-02T03:04:05Z")"#,
                "2020-01-02T03:04:05Z Thu Jan"
            ),
            ("timestamp()", "2020-01-02T03:04:05Z"), (#"sanitize("a.b/c-d_e")"#, "a_b_c-d_e"),
            (#"indent(2, "x\ny")"#, "x\n  y"), (#"substr("hello", 1, 3)"#, "ell"),
            (#"substr("hello", -2, -1)"#, "lo"), (#"split(",", "a,b")[1]"#, "b"),
            (#"replace("1.2.3", ".", "-")"#, "1-2-3"), (#"trimprefix("v1.2", "v")"#, "1.2"),
            (#"trimsuffix("a.git", ".git")"#, "a"), (#"trim("--a--", "-")"#, "a"),
            (#"lookup({a="x"}, "b", "d")"#, "d"), (#"contains(["a"], "a")"#, "true"),
            (#"coalesce(null, "x")"#, "x"), (#"urlencode("a b&c/ü")"#, "a+b%26c%2F%C3%BC"),
            (#"element(["a","b"], 3)"#, "b"), (#"length(["a","b"])"#, "2"),
            (#"join(",", distinct(["a","b","a"]))"#, "a,b"),
            (#"join(",", flatten([["a"],[["b"]]]))"#, "a,b"),
            (#"join(",", concat(["a"],["b"]))"#, "a,b"), (#"join(",", keys({b=1,a=2}))"#, "a,b"),
            (#"join(",", range(3))"#, "0,1,2"), (#"base64encode("hi")"#, "aGk="),
            (#"sha256("")"#, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (#"try(nothere.x, "fallback")"#, "fallback"), ("can(nothere)", "false"),
            (#"join("", merge({a="1"}, {a="2"}).a == "2" ? ["y"] : ["n"])"#, "y"),
            ("ceil(1.2) + floor(1.8) + int(-1.5)", "2"), ("BAKE_LOCAL_PLATFORM", "linux/amd64"),
        ]
    )
    func functions(expression: String, value: String) throws {
        #expect(try BakeDefinition.value(of: expression) == value)
    }

    @Test("null is no argument")
    func null() throws {
        #expect(try BakeDefinition.value(of: "null") == nil)
    }

    @Test(
        "what is wrong is told at its place",
        arguments: [
            (
                "nope",
                "2:15: target.t.args: there is no variable nope; define it: variable \"nope\" {}"
            ),
            ("[", "2:17: expected an expression, but this is none"),
            ("nofn(1)", "2:15: target.t.args: there is no function nofn"),
            ("uper(\"x\")", "2:15: target.t.args: there is no function uper; did you mean upper?"),
            (
                "\"x\" + 2",
                "2:15: target.t.args: a text is no number; texts are joined as \"${a}${b}\""
            ),
            ("1 / 0", "2:17: target.t.args: division by zero"),
            ("[1][3]", "2:18: target.t.args: there is no element 3 in a list of 1"),
            (
                "\"x${[1]}\"",
                "2:19: target.t.args: a list cannot be part of a text; use join() or jsonencode()"
            ),
            ("\"${1\"", "2:16: this has no } that closes it"),
            ("upper()", "2:15: target.t.args: upper takes 1 arguments and has 0"),
        ]
    )
    func faults(expression: String, text: String) throws {
        let problem = try BakeDefinition.problem(
            "target \"t\" {\n args = { V = \(expression) }\n}\n"
        )
        #expect(problem?.hasPrefix(text) == true, "\(problem ?? "none")")
    }

    @Test(
        "functions that are not carried out are named",
        arguments: ["regex_replace", "bcrypt", "uuidv4"]
    )
    func refused(name: String) throws {
        let problem = try BakeDefinition.problem("target \"t\" { args = { V = \(name)(1) } }")
        #expect(
            problem?.contains("the function \(name) is not carried out") == true,
            "\(problem ?? "")"
        )
    }
}
