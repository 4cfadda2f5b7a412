import Testing

@testable import berth

@Suite("how output looks")
struct OutputSettingsTests {
    struct Case: Sendable {
        var ansi: String?
        var progress: String?
        var environment: [String: String] = [:]
        var isTerminal = true
        var isDumb = false
        var style: Progress.Style
        var hasColour: Bool
    }

    @Test(
        "flags, their variables, NO_COLOR and the terminal decide together",
        arguments: [
            Case(style: .tty, hasColour: true),
            Case(isTerminal: false, style: .plain, hasColour: false),
            Case(isDumb: true, style: .plain, hasColour: false),
            Case(ansi: "never", style: .plain, hasColour: false),
            Case(ansi: "always", style: .tty, hasColour: true),
            Case(ansi: "always", isTerminal: false, style: .plain, hasColour: true),
            Case(ansi: "always", isDumb: true, style: .tty, hasColour: true),
            Case(environment: ["COMPOSE_ANSI": "never"], style: .plain, hasColour: false),
            Case(environment: ["COMPOSE_ANSI": ""], style: .tty, hasColour: true),
            Case(
                ansi: "auto",
                environment: ["COMPOSE_ANSI": "never"],
                style: .tty,
                hasColour: true
            ),
            Case(environment: ["COMPOSE_PROGRESS": "plain"], style: .plain, hasColour: true),
            Case(
                progress: "json",
                environment: ["COMPOSE_PROGRESS": "plain"],
                style: .json,
                hasColour: true
            ),
            Case(progress: "none", style: .quiet, hasColour: true),
            Case(progress: "tty", isTerminal: false, style: .tty, hasColour: false),
            Case(environment: ["NO_COLOR": "1"], style: .tty, hasColour: false),
            Case(environment: ["NO_COLOR": ""], style: .tty, hasColour: true),
            Case(
                ansi: "always",
                environment: ["NO_COLOR": "1"],
                style: .tty,
                hasColour: false
            ),
        ]
    )
    func decides(row: Case) throws {
        let settings = try OutputSettings(
            ansi: row.ansi,
            progress: row.progress,
            environment: row.environment
        )
        let surface = OutputSettings.Surface(isTerminal: row.isTerminal, isDumb: row.isDumb)
        #expect(settings.style(on: surface) == row.style)
        #expect(settings.usesColour(on: surface) == row.hasColour)
    }

    @Test(
        "what cannot be is refused, and named",
        arguments: [
            ("sometimes", nil, [:], "--ansi takes auto, always or never, not sometimes"),
            (nil, nil, ["COMPOSE_ANSI": "x"], "COMPOSE_ANSI takes auto, always or never, not x"),
            (
                nil, "fast", [:], "--progress takes auto, tty, plain, json, quiet or none, not fast"
            ),
            (
                nil, nil, ["COMPOSE_PROGRESS": "x"],
                "COMPOSE_PROGRESS takes auto, tty, plain, json, quiet or none, not x"
            ),
            ("never", "tty", [:], "can't use --progress tty while ANSI support is disabled"),
            ("always", "plain", [:], "can't use --progress plain while ANSI support is forced"),
            (
                nil, nil, ["COMPOSE_PARALLEL_LIMIT": "two"],
                "COMPOSE_PARALLEL_LIMIT must be an integer (found: \"two\")"
            ),
        ] as [(String?, String?, [String: String], String)]
    )
    func refuses(
        ansi: String?,
        progress: String?,
        environment: [String: String],
        words: String
    ) {
        let failure = #expect(throws: Failure.self) {
            try OutputSettings(ansi: ansi, progress: progress, environment: environment)
        }
        #expect(failure?.description == words)
    }

    @Test(
        "the builder's variable counts for builds, and the flag before it",
        arguments: [
            (nil, "plain", "plain"), (nil, "auto", "auto"), (nil, "tty", "tty"), (nil, "", "json"),
            (nil, "quiet", "quiet"), ("tty", "plain", "tty"), ("auto", "plain", "plain"),
        ] as [(String?, String, String)]
    )
    func builder(flag: String?, variable: String, expected: String) throws {
        let environment = ["BUILDKIT_PROGRESS": variable, "COMPOSE_PROGRESS": "json"]
        let settings = try OutputSettings(
            progress: flag,
            ofBuilder: true,
            environment: environment
        )
        #expect(settings.progress == expected)
        #expect(try OutputSettings(environment: environment).progress == "json")
    }

    @Test("a form of the builder's progress that is not here is refused by its variable")
    func builderForm() {
        let failure = #expect(throws: Failure.self) {
            try OutputSettings(ofBuilder: true, environment: ["BUILDKIT_PROGRESS": "rawjson"])
        }
        #expect(
            failure?.description
                == "BUILDKIT_PROGRESS takes auto, tty, plain, json, quiet or none, not rawjson"
        )
    }

    @Test(
        "at most as many things at once as the flag or its variable says",
        arguments: [
            (nil, nil, nil), (3, nil, 3), (nil, "2", 2), (3, "2", 3), (-1, "2", nil), (0, nil, nil),
            (nil, "-1", nil), (nil, "", nil),
        ] as [(Int?, String?, Int?)]
    )
    func parallel(flag: Int?, variable: String?, limit: Int?) throws {
        let environment = variable.map { ["COMPOSE_PARALLEL_LIMIT": $0] } ?? [:]
        let settings = try OutputSettings(parallel: flag, environment: environment)
        #expect(settings.parallel == limit)
    }

    @Test("progress goes to stdout where COMPOSE_STATUS_STDOUT says so")
    func stream() throws {
        let wished = try OutputSettings(environment: ["COMPOSE_STATUS_STDOUT": "true"])
        #expect(wished.stream == .out)
        #expect(try OutputSettings(environment: [:]).stream == .error)
        #expect(try OutputSettings(environment: ["COMPOSE_STATUS_STDOUT": "0"]).stream == .error)
    }

    @Test("the options stand before the command, too")
    func hoisted() {
        #expect(
            LeadingOptions.arguments(["--parallel", "2", "--ansi=never", "up", "-d"])
                == ["up", "--parallel=2", "--ansi=never", "-d"]
        )
    }
}
