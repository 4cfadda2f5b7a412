import Foundation
import TestSupport
import Testing

/// What shells make of command lines with the scripts of `berth completion`.
@Suite("completion in shells", .timeLimit(.minutes(2)))
struct CompletionTests {
    private static let folders = "/usr/local/bin:/usr/bin:/bin"

    /// The path of a shell; nil where the machine has none.
    private static func path(of shell: String) -> String? {
        folders.split(separator: ":").map { "\($0)/\(shell)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A folder with a project, in which `berth` is on the path.
    private final class Place: Sendable {
        let folder: URL
        let environment: [String: String]

        init() throws {
            folder = FileManager.default.temporaryDirectory
                .appending(path: "berth-completion-\(UInt32.random(in: .min ... .max))")
            let files = FileManager.default
            for name in ["bin", "sub", "home"] {
                let path = folder.appending(path: name)
                try files.createDirectory(at: path, withIntermediateDirectories: true)
            }
            try files.createSymbolicLink(
                at: folder.appending(path: "bin/berth"),
                withDestinationURL: URL(filePath: Products.path("berth"))
            )
            environment = [
                "PATH": folder.path() + "/bin:" + CompletionTests.folders, "TERM": "dumb",
                "HOME": folder.path() + "/home", "ZDOTDIR": folder.path() + "/home",
                "BERTH_ROOT": folder.path() + "/root", "BERTH_RUN": folder.path() + "/run",
            ]
            try write(
                """
                services:
                  web: {image: a, profiles: [dev]}
                  db: {image: b}
                """,
                to: "compose.yaml"
            )
            // No YAML at all, and yet the names are there.
            try write("services:\n  broken: [\n  db: }}\nnosuch: x\n", to: "broken.yml")
            try write("A=1\n", to: "my vars")
            try write("", to: "notes.txt")
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }

        func run(_ command: [String]) async throws -> TestMachine.Output {
            try await Program(command, environment: environment, directory: folder.path()).end()
        }

        /// Writes the script of a shell, and says where.
        func script(for shell: String) async throws -> String {
            let berth = folder.path() + "/bin/berth"
            let made = try await run([berth, "completion", shell])
            try #require(made.status == 0, "\(made.err)")
            try write(made.out, to: "script")
            return folder.path() + "/script"
        }
    }

    /// The words of a line as readline breaks them.
    private static func words(of line: String) -> [String] {
        line.split(separator: " ", omittingEmptySubsequences: false).flatMap { word in
            var words = [""]
            for character in word {
                if "=:".contains(character) {
                    words += [String(character), ""]
                } else {
                    words[words.count - 1].append(character)
                }
            }
            // The word behind a break is there once something is written of it.
            let isOpen = words.count > 1 && words.last == ""
            return isOpen ? words.dropLast() : words
        }
    }

    @Test(
        "bash completes services, values, and files where files belong",
        .enabled(if: path(of: "bash") != nil, "bash is not on this machine"),
        arguments: [
            ("berth up ", ["db", "web"]), ("berth up w", ["web"]), ("berth up db ", ["web"]),
            ("berth -f broken.yml up ", ["broken", "db"]), ("berth -f none.yaml up ", []),
            ("berth -f compose.yaml logs -f w", ["web"]), ("berth exec web ", []),
            ("berth up --pull ", ["always", "missing", "never"]),
            ("berth up --pull=m", ["missing"]),
            ("berth up --pull=", ["always", "missing", "never"]),
            ("berth --progress pl", ["plain"]), ("berth --ansi=n", ["never"]),
            ("berth ps --status ex", ["exited"]), ("berth ps --format j", ["json"]),
            ("berth up --scale d", ["db="]), ("berth --profile ", ["dev"]),
            ("berth -f ", ["broken.yml", "compose.yaml", "bin", "home", "sub"]),
            ("berth --file=comp", ["compose.yaml"]), ("berth up --file c", ["compose.yaml"]),
            ("berth --env-file my", ["my vars"]), ("berth config -o no", ["notes.txt"]),
            ("berth --project-directory s", ["sub"]), ("berth --env-file=./my", ["./my vars"]),
            ("berth up --no-rec", ["--no-recreate"]), ("berth --project-n", ["--project-name"]),
            ("berth doc", ["doctor", "docker"]), ("berth image his", ["history"]),
            ("berth docker compose logs w", ["web"]), ("berth help ver", ["version"]),
            ("berth nosuch ", []), ("berth -f - up ", []), ("berth completion z", ["zsh"]),
        ]
    )
    func bash(line: String, expected: [String]) async throws {
        let place = try Place()
        let script = try await place.script(for: "bash")
        let driver = """
            source "$1"; COMP_LINE=$2; shift 2
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_POINT=${#COMP_LINE}
            _berth; for word in "${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done
            """
        let run = try await place.run(
            [Self.path(of: "bash") ?? "", "--norc", "-c", driver, "bash", script, line]
                + Self.words(of: line)
        )
        #expect(run.err == "")
        #expect(run.status == 0)
        #expect(run.lines.sorted() == expected.sorted())
    }

    @Test(
        "zsh completes services, values, and files where files belong",
        .enabled(if: path(of: "zsh") != nil, "zsh is not on this machine")
    )
    func zsh() async throws {
        let place = try Place()
        let script = try await place.script(for: "zsh")
        let lines = [
            ("berth up w", "berth up web "), ("berth up --pull=m", "berth up --pull=missing "),
            ("berth -f comp", "berth -f compose.yaml "),
            ("berth --file=br", "berth --file=broken.yml "),
            ("berth -f broken.yml stop d", "berth -f broken.yml stop db "),
            ("berth up --scale d", "berth up --scale db="),
            ("berth --project-directory su", "berth --project-directory sub/"),
            ("berth --env-file my", "berth --env-file my\\ vars "),
            ("berth up --no-rec", "berth up --no-recreate "), ("berth doct", "berth doctor "),
        ]
        // A terminal of its own, since zsh completes nowhere else. ^X shows the line and drops it.
        let driver = """
            zmodload zsh/zpty
            zpty z /usr/bin/env zsh -f -i
            zpty -w z 'PS1=; autoload -U compinit; compinit -u -D; source '"$1"
            zpty -w z 'show() { print -r -- "<<$BUFFER>>"; BUFFER= }; zle -N show; bindkey "^X" show'
            zpty -w z 'print -r -- "<<"ready">>"'
            zpty -r z text '*<<ready>>*'
            shift
            for line; do
                zpty -w -n z "$line"$'\\t\\x18'
                zpty -r z text '*<<*>>*'
                text=${text##*<<}
                print -r -- "${text%%>>*}"
            done
            zpty -d z
            """
        let run = try await place.run(
            [Self.path(of: "zsh") ?? "", "-f", "-c", driver, "zsh", script] + lines.map(\.0)
        )
        #expect(run.lines == lines.map(\.1), "\(run.err)")
    }

    @Test(
        "fish completes services, values, and files where files belong",
        .enabled(if: path(of: "fish") != nil, "fish is not on this machine"),
        arguments: [
            ("berth up ", ["db", "web"]), ("berth -f broken.yml up ", ["broken", "db"]),
            ("berth up --pull=", ["--pull=always", "--pull=missing", "--pull=never"]),
            ("berth --ansi n", ["never"]), ("berth up --scale d", ["db="]),
            ("berth -f ", ["bin/", "broken.yml", "compose.yaml", "home/", "sub/"]),
            ("berth --file=comp", ["--file=compose.yaml"]), ("berth --env-file my", ["my vars"]),
            ("berth --project-directory s", ["sub/"]),
            ("berth up --no-rec", ["--no-recreate\tLeave containers as they are."]),
        ]
    )
    func fish(line: String, expected: [String]) async throws {
        let place = try Place()
        let script = try await place.script(for: "fish")
        let run = try await place.run(
            [
                Self.path(of: "fish") ?? "", "--no-config", "-c",
                "source $argv[1]; complete -C $argv[2]", script, line,
            ]
        )
        #expect(run.err == "")
        #expect(run.lines.sorted() == expected.sorted())
    }
}
