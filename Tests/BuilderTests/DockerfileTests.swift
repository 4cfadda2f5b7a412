import TestSupport
import Testing

@testable import Builder

@Suite("Dockerfile")
struct DockerfileTests {
    private func problems(_ text: String) -> [String] {
        do {
            _ = try Dockerfile(parsing: text)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test(
        "refuses what the table refuses",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func instructionErrors() throws {
        struct Case: Decodable {
            var dockerfile: String
            var error: String?
            var error_contains: String?
        }
        var tally = Tally("instruction-errors")
        for one: Case in try Corpus.cases("dockerfile/instruction-errors.json") {
            let found = problems("FROM scratch\n" + one.dockerfile)
            let text = found.first ?? ""
            tally.check(
                one.error.map { text == "Dockerfile:2: " + $0 } ?? true
                    && one.error_contains.map { text.contains($0) } ?? true && !text.isEmpty,
                "\(one.dockerfile) → \(text)"
            )
        }
        tally.report()
    }

    @Test(
        "reads port specifications",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func ports() throws {
        struct Case: Decodable {
            var spec: String
            var expected: [String]?
            var expError: String?
        }
        var tally = Tally("expose-specs")
        for one: Case in try Corpus.cases("dockerfile/expose-specs.json") {
            do {
                let ports = try PortSpecification.ports(of: one.spec)
                tally.check(ports == one.expected, "\(one.spec) → \(ports)")
            } catch {
                tally.check(error.message == one.expError, "\(one.spec) → \(error.message)")
            }
        }
        tally.report()
    }

    @Test("says everything that is wrong at once, each at its line")
    func allProblems() {
        let text = """
            FROM scratch
            ADD a
            RUN --mount=type=cache,target=/x,mod=1 true
            COPY --lnik a b
            RUM true
            ONBUILD FROM x
            SHELL sh
            ENV A
            HEALTHCHECK --interval=1us CMD true
            EXPOSE
            """
        #expect(
            problems(text) == [
                "Dockerfile:2: ADD requires at least two arguments, but only one was provided. "
                    + "Destination could not be determined",
                "Dockerfile:3: unexpected key 'mod' in 'mod=1' (did you mean mode?)",
                "Dockerfile:4: unknown flag: --lnik (did you mean link?)",
                "Dockerfile:5: unknown instruction: RUM (did you mean RUN?)",
                "Dockerfile:6: FROM isn't allowed as an ONBUILD trigger",
                "Dockerfile:7: SHELL requires the arguments to be in JSON form",
                "Dockerfile:8: ENV must have two arguments",
                "Dockerfile:9: Interval \"interval\" cannot be less than 1ms",
                "Dockerfile:10: EXPOSE requires at least one argument",
            ]
        )
    }

    @Test(
        "refuses a file that cannot be built",
        arguments: [
            ("", "Dockerfile: file with no instructions"),
            ("# only\n", "Dockerfile: file with no instructions"),
            (
                "RUN true\nFROM scratch",
                "Dockerfile:1: no build stage in current context; FROM must come first"
            ),
            ("ARG A=b\n", "Dockerfile: no build stage in current context"),
            ("FROM a b c d", "Dockerfile:1: FROM requires either one or three arguments"),
            (
                "FROM a AS 1x",
                "Dockerfile:1: invalid name for build stage: \"1x\", "
                    + "name can't start with a number or contain symbols"
            ),
            (
                "# syntax=evil/frontend\nFROM scratch",
                "Dockerfile:1: frontend evil/frontend is not supported; "
                    + "only docker/dockerfile is, and it is built in"
            ),
            ("FROM scratch\nRUN <<EOF\nx", "Dockerfile:2: unterminated heredoc EOF"),
            (
                "#escape=x\nFROM scratch",
                "Dockerfile:1: invalid escape token 'x' does not match \\ or `"
            ),
            (
                "#escape=`\n#escape=`\nFROM scratch",
                "Dockerfile:2: only one escape parser directive can be used"
            ),
            (
                "FROM scratch\nCOPY --chown=1 --chown=2 a b",
                "Dockerfile:2: duplicate flag specified: chown"
            ),
            ("FROM scratch\nCOPY --chown a b", "Dockerfile:2: missing a value on flag: chown"),
        ]
    )
    func refuses(text: String, problem: String) {
        #expect(problems(text) == [problem])
    }

    @Test("cuts a file into stages")
    func stages() throws {
        let file = try Dockerfile(
            parsing: """
                # syntax=docker/dockerfile:1.7
                ARG VERSION=3
                from alpine:$VERSION as Build
                RUN make \\
                    # a comment

                    all
                FROM --platform=linux/amd64 scratch
                COPY --from=build --chown=1:2 /a /b /dir/
                CMD ["/b"]
                """
        )
        #expect(file.globalArguments == [ArgumentDeclaration(name: "VERSION", value: "3")])
        #expect(file.stages.map(\.name) == ["build", nil])
        #expect(file.stages.map(\.base) == ["alpine:$VERSION", "scratch"])
        #expect(file.stages[0].steps.map(\.instruction) == [.run(.shell("make     all"))])
        #expect(file.stages[0].steps[0].lines == 4...7)
        #expect(file.stages[1].platform == "linux/amd64")
        #expect(
            file.stages[1].steps.map(\.instruction) == [
                .copy(
                    CopyInstruction(
                        from: "build",
                        owner: "1:2",
                        mode: nil,
                        sources: ["/a", "/b"],
                        destination: "/dir/"
                    )
                ), .cmd(.exec(["/b"])),
            ]
        )
    }

    @Test("accepts windows line ends and a byte order mark")
    func lineEnds() throws {
        let file = try Dockerfile(parsing: "\u{FEFF}FROM scratch\r\nENV A=b \\\r\n C=d\r\n")
        #expect(
            file.stages[0].steps.map(\.instruction) == [
                .env([.init(name: "A", value: "b"), .init(name: "C", value: "d")])
            ]
        )
    }

    @Test("a line that is too long is refused by number")
    func longLine() {
        let text = "FROM scratch\nRUN " + String(repeating: "x", count: 70_000)
        #expect(
            problems(text) == [
                "Dockerfile:2: dockerfile line greater than max allowed size of 65535"
            ]
        )
    }
}
