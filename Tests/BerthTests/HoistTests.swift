import Testing

@testable import berth

@Suite("global options before the command")
struct HoistTests {
    @Test(
        "move behind the command under their long names",
        arguments: [
            (["-f", "a.yaml", "up", "-d"], ["up", "--file=a.yaml", "-d"]),
            (
                ["-f", "a", "-f", "b", "-p", "shop", "ps"],
                ["ps", "--file=a", "--file=b", "--project-name=shop"]
            ),
            (["-fa.yaml", "logs", "-f"], ["logs", "--file=a.yaml", "-f"]),
            (["--file=a.yaml", "config"], ["config", "--file=a.yaml"]),
            (["--profile", "x", "--env-file", "e", "up"], ["up", "--profile=x", "--env-file=e"]),
            (["compose", "-p", "x", "down"], ["down", "--project-name=x"]),
            (["-p", "x", "system", "check"], ["system", "check", "--project-name=x"]),
            (["up", "-d"], ["up", "-d"]),
            (["exec", "web", "ls", "-f", "x"], ["exec", "web", "ls", "-f", "x"]),
            (["--dry-run", "up"], ["up", "--dry-run"]),
            (["--help"], ["--help"]),
            ([], []),
        ]
    )
    func moves(arguments: [String], expected: [String]) {
        #expect(Hoist.arguments(arguments) == expected)
    }
}
