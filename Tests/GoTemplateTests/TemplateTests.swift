import Testing

@testable import GoTemplate

/// What the templates of these tests look at.
let sample = GoValue.map(
    GoMap(
        [
            ("Name", .string("web")), ("Count", .integer(3)), ("Ratio", .float(0.5)),
            ("On", .bool(true)), ("Off", .bool(false)), ("Nothing", .null),
            ("Empty", .list([])), ("NoList", .nothing(.list)), ("NoMap", .nothing(.map)),
            ("Env", .strings(["A=1", "B=2", "C=3"])),
            ("Labels", .strings(["z": "26", "a": "1"])),
            (
                "Config",
                .map(GoMap([("Cmd", .strings(["sh"])), ("User", .string(""))], missing: .error))
            ),
            (
                "Rows",
                .list([.map(GoMap([("ID", .integer(1))])), .map(GoMap([("ID", .integer(2))]))])
            ),
            ("Label", .function { .string("label:" + $0.map(\.printed).joined(separator: ",")) }),
        ],
        missing: .error
    )
)

@Suite("templates")
struct TemplateTests {
    static let rendered: [(String, String)] = [
        ("plain", "plain"), ("", ""), ("{{.Name}}", "web"), ("{{ .Name }}!", "web!"),
        ("{{.Config.Cmd}}", "[sh]"), ("{{.Env}}", "[A=1 B=2 C=3]"),
        ("{{.Labels}}", "map[a:1 z:26]"),
        ("{{.Nothing}}", "<no value>"), ("{{.Labels.nosuch}}", "<no value>"),
        ("{{index .Labels \"nosuch\"}}", ""), ("{{index .Labels \"z\"}}", "26"),
        ("{{.NoList}}{{.NoMap}}{{.Empty}}", "[]map[][]"),
        ("{{.Ratio}} {{.Count}} {{.On}}", "0.5 3 true"),
        // Trim markers and comments.
        ("a  {{- .Count -}}  b", "a3b"), ("a {{/* no */}} b", "a  b"),
        ("a {{- /* no */ -}} b", "ab"),
        ("{{- \" x \" -}}", " x "), ("{{3 -}} 4", "34"),
        // Literals.
        ("{{\"a\\tb\\u00e9\\x41\"}}", "a\tbéA"), ("{{`a\\b`}}", "a\\b"), ("{{'a'}}", "97"),
        ("{{0x1F}} {{-1}} {{1e3}} {{017}} {{1_000}}", "31 -1 1000 15 1000"), ("{{true}}", "true"),
        // Pipelines and variables.
        ("{{.Name | upper}}", "WEB"), ("{{\"a\" | printf \"%s-%s\" \"b\"}}", "b-a"),
        ("{{$x := .Count}}{{$x}}{{$x = 4}}{{$x}}", "34"), ("{{$.Name}}", "web"),
        ("{{with $y := .Name}}{{$y}}{{end}}", "web"), ("{{(index .Rows 1).ID}}", "2"),
        ("{{(len .Env) | printf \"%03d\"}}", "003"), ("{{len (slice .Env 1)}}", "2"),
        // Conditions.
        ("{{if .On}}y{{else}}n{{end}}", "y"), ("{{if .Off}}y{{else}}n{{end}}", "n"),
        ("{{if .Off}}a{{else if .On}}b{{else}}c{{end}}", "b"), ("{{if .Empty}}y{{end}}", ""),
        ("{{if and .On .Name}}y{{end}}", "y"), ("{{or .Off .Nothing \"x\"}}", "x"),
        ("{{and .Off (index .Env 99)}}", "false"), ("{{not .Off}}", "true"),
        ("{{with .Nothing}}a{{else}}b{{end}}", "b"),
        ("{{with .Nothing}}a{{else with .Name}}{{.}}{{end}}", "web"),
        // Ranges.
        ("{{range .Env}}<{{.}}>{{end}}", "<A=1><B=2><C=3>"),
        ("{{range $i, $e := .Env}}{{$i}}={{$e}};{{end}}", "0=A=1;1=B=2;2=C=3;"),
        ("{{range $k, $v := .Labels}}{{$k}}{{$v}} {{end}}", "a1 z26 "),
        ("{{range $e := .Env}}{{$e}}{{end}}", "A=1B=2C=3"),
        ("{{range .Empty}}x{{else}}none{{end}}", "none"), ("{{range .Nothing}}x{{end}}", ""),
        ("{{range .Rows}}{{.ID}}{{$.Name}}{{end}}", "1web2web"), ("{{range 3}}{{.}}{{end}}", "012"),
        ("{{range .Env}}{{if eq . \"B=2\"}}{{break}}{{end}}{{.}}{{end}}", "A=1"),
        ("{{range .Env}}{{if eq . \"B=2\"}}{{continue}}{{end}}{{.}}{{end}}", "A=1C=3"),
        ("{{$n := 0}}{{range .Env}}{{$n = len .}}{{end}}{{$n}}", "3"),
        // Templates of their own.
        ("{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .Name}}", "<web>"),
        ("{{block \"t\" .Count}}[{{.}}]{{end}}", "[3]"),
        ("{{define \"t\"}}{{.}}{{end}}{{template \"t\"}}", "<no value>"),
        // Comparison.
        ("{{eq .Count 3}} {{eq .Count 1 2 3}} {{ne .Name \"x\"}}", "true true true"),
        ("{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge \"b\" \"a\"}}", "true true false true"),
        ("{{eq .Nothing nil}}", "true"),
        // Functions.
        ("{{print 1 2 \"a\" \"b\" 3 nil}}", "1 2ab3 <nil>"), ("{{println \"a\" 1}}", "a 1\n"),
        ("{{html \"<a&'\\\">\"}}", "&lt;a&amp;&#39;&#34;&gt;"),
        ("{{js \"it's <\"}}", "it\\'s \\u003C"),
        ("{{urlquery \"a b/c\"}}", "a+b%2Fc"), ("{{slice \"abcdef\" 1 3}}", "bc"),
        ("{{index \"abc\" 1}}", "98"), ("{{.Label \"k\"}}", "label:k"),
        ("{{\"p\" | .Label \"k\"}}", "label:k,p"),
        // Docker's.
        ("{{json .Labels}}", #"{"a":"1","z":"26"}"#), ("{{json .Env}}", #"["A=1","B=2","C=3"]"#),
        ("{{json .Nothing}}{{json .NoList}}", "nullnull"), ("{{json \"<é\\n\\\"\"}}", #""<é\n\"""#),
        ("{{split \"a:b:c\" \":\"}}", "[a b c]"), ("{{join .Env \"+\"}}", "A=1+B=2+C=3"),
        ("{{title \"web one's\"}}", "Web One's"), ("{{lower \"ABC\"}}", "abc"),
        ("{{pad .Name 2 1}}|{{pad \"\" 2 1}}|", "  web ||"), ("{{truncate \"abcdef\" 3}}", "abc"),
        ("{{join (split \"a,b\" \",\") \"-\"}}", "a-b"),
    ]

    @Test("say what Go's say", arguments: rendered)
    func renders(text: String, expected: String) throws {
        #expect(try Template(parsing: text).render(sample) == expected)
    }

    static let malformed: [(String, String)] = [
        ("{{.Name", "template: :1: unclosed action"),
        ("{{nosuch .}}", "template: :1: function \"nosuch\" not defined"),
        ("{{if .On}}", "template: :1: unexpected EOF"),
        ("a\n{{end}}", "template: :2: unexpected {{end}}"),
        ("{{else}}", "template: :1: unexpected {{else}}"),
        ("{{}}", "template: :1: missing value for command"),
        ("{{if}}x{{end}}", "template: :1: missing value for if"),
        ("{{$x}}", "template: :1: undefined variable \"$x\""),
        ("{{\"a}}", "template: :1: unterminated quoted string"),
        ("{{(.Name}}", "template: :1: unclosed left paren"),
        ("{{.Name)}}", "template: :1: unexpected right paren"),
        ("{{/* a}}", "template: :1: unclosed comment"),
        ("{{3a}}", "template: :1: bad number syntax: \"3a\""),
        ("{{.Name | 3}}", "template: :1: non executable command in pipeline stage 2"),
        ("{{break}}", "template: :1: {{break}} outside {{range}}"),
        (
            "{{if .On}}{{define \"x\"}}{{end}}{{end}}",
            "template: :1: unexpected <define> in command"
        ),
        ("{{range $a, $b, $c := .Env}}{{end}}", "template: :1: too many declarations in range"),
        ("{{3.A}}", "template: :1: bad number syntax: \"3.A\""),
        ("{{nil.A}}", "template: :1: unexpected . after term \"nil\""),
        ("{{.Name ?}}", "template: :1: unrecognized character in action: U+003F '?'"),
        ("{{template x}}", "template: :1: unexpected \"x\" in template clause"),
    ]

    @Test("malformed ones are told as Go tells them", arguments: malformed)
    func refuses(text: String, words: String) {
        let error = #expect(throws: TemplateError.self) { try Template(parsing: text) }
        #expect(error?.description == words)
    }

    static let failing: [(String, String)] = [
        ("{{.Foo}}", ":1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\""),
        (
            "{{.Config.Foo}}",
            ":1:9: executing \"\" at <.Config.Foo>: map has no entry for key \"Foo\""
        ),
        ("a\nb{{.Foo}}", ":2:3: executing \"\" at <.Foo>: map has no entry for key \"Foo\""),
        (
            "{{.Name.Foo}}",
            ":1:7: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type string"
        ),
        (
            "{{index .Env 7}}",
            ":1:2: executing \"\" at <index .Env 7>: error calling index: index out of range: 7"
        ),
        (
            "{{eq 1 \"a\"}}",
            ":1:2: executing \"\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison"
        ),
        ("{{.Name 1}}", ":1:2: executing \"\" at <.Name>: Name is not a method but has arguments"),
        ("{{3 4}}", ":1:2: executing \"\" at <3>: can't give argument to non-function 3"),
        ("{{len}}", ":1:2: executing \"\" at <len>: wrong number of args for len: want 1 got 0"),
        ("{{range .Name}}{{end}}", ":1:8: executing \"\" at <.Name>: range can't iterate over web"),
        (
            "{{template \"x\"}}",
            ":1:11: executing \"\" at <{{template \"x\"}}>: template \"x\" not defined"
        ),
        (
            "{{define \"t\"}}{{.Foo}}{{end}}{{template \"t\" .}}",
            ":1:16: executing \"t\" at <.Foo>: map has no entry for key \"Foo\""
        ),
        (
            "{{call .Name}}",
            ":1:2: executing \"\" at <call .Name>: error calling call: non-function of type string"
        ),
        ("{{nil}}", ":1:2: executing \"\" at <nil>: nil is not a command"),
    ]

    @Test("what fails while it runs says where", arguments: failing)
    func fails(text: String, words: String) throws {
        let template = try Template(parsing: text)
        let error = #expect(throws: TemplateError.self) { try template.render(sample) }
        #expect(error?.description == "template: " + words)
    }

    @Test("a row's unknown field is named with its type")
    func rows() throws {
        let row = GoValue.map(GoMap([("ID", .string("1"))], missing: .unknownField(of: "*image")))
        let template = try Template(parsing: "{{.Foo}}")
        let error = #expect(throws: TemplateError.self) { try template.render(row) }
        #expect(
            error?.description
                == "template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo in type *image"
        )
    }

    @Test(
        "one that never ends is cut off",
        arguments: [
            "{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}",
            "{{define \"t\"}}" + String(repeating: "{{if true}}", count: 150) + "{{template \"t\"}}"
                + String(repeating: "{{end}}", count: 151) + "{{template \"t\"}}",
            "{{range 1999999}}{{range 1999999}}x{{end}}{{end}}",
            "{{range 99999999999}}{{end}}",
        ]
    )
    func ends(text: String) throws {
        let template = try Template(parsing: text)
        #expect(throws: TemplateError.self) { try template.render(sample) }
    }

    @Test(
        "nesting has a bound",
        arguments: [
            String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
        ]
    )
    func nesting(text: String) {
        #expect(throws: TemplateError.self) { try Template(parsing: "{{" + text + "}}") }
    }

    @Test("headers pass names through and keep the space around them")
    func headers() throws {
        let template = try Template(parsing: "{{upper .Name}} {{pad .ID 1 1}}|{{truncate .ID 2}}")
            .with(functions: TemplateFunction.ofHeaders)
        let header = GoValue.map(GoMap([("Name", .string("NAME")), ("ID", .string("IMAGE ID"))]))
        #expect(try template.render(header) == "NAME  IMAGE ID |IMAGE ID")
    }
}
