import OCI
import TestSupport
import Testing

@testable import Builder

@Suite("checks of Dockerfiles")
struct CheckTests {
    /// `line:column Rule: detail`, of a file whose images have no environment.
    private func report(
        _ text: String,
        _ arguments: [String: String] = [:],
        ignoring rules: String? = nil,
        all: Bool = false
    ) throws -> CheckReport {
        var request = BuildRequest(context: nil)
        request.dockerfile = .inline(text)
        request.arguments = arguments
        let known = try ["alpine", "busybox", "busybox:latest", "busybox:stable-musl"].map {
            (PlatformImage(try ImageReference($0).tagged), ImageConfiguration())
        }
        var platform = ImageConfiguration()
        platform.platform = Platform.host
        let images = Dictionary(known.map { ($0.0, platform) }, uniquingKeysWith: { $1 })
        return try DockerfileSource(of: request).report(
            request,
            images: images,
            ignored: rules.map { try IgnoreRules(parsing: $0) },
            all: all
        )
    }

    private func found(_ report: CheckReport) -> [String] {
        report.findings.map {
            "\($0.lines.lowerBound):\($0.column) \($0.check.rawValue): \($0.detail)"
        }
    }

    @Test(
        "finds what BuildKit finds",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func corpus() throws {
        struct Warning: Decodable, Hashable {
            var rule, detail: String
            var line: Int
            var desc: String?
        }
        struct Case: Decodable {
            var dockerfile: String
            var dockerignore: String?
            var warnings: [Warning]
            var warnings_all_targets: [Warning]?
            var build_error: String?
            var build_attrs: [String: String]?
            var test: String
        }
        func text(_ warnings: [Warning]) -> [String] {
            warnings.map { "\($0.line) \($0.rule): \($0.detail)" }.sorted()
        }
        var tally = Tally("lint-checks")
        for one: Case in try Corpus.cases("dockerfile/lint-checks.json") {
            // These expect nothing only because their origin computes what it expects.
            if one.test == "testMultipleInstructionsDisallowed", one.warnings.isEmpty,
                !one.dockerfile.contains("AS b")
            {
                continue
            }
            let arguments = Dictionary(
                uniqueKeysWithValues: (one.build_attrs ?? [:]).compactMap { key, value in
                    key.hasPrefix("build-arg:") ? (String(key.dropFirst(10)), value) : nil
                }
            )
            let report = try report(one.dockerfile, arguments, ignoring: one.dockerignore)
            let mine = report.findings.map {
                "\($0.lines.lowerBound) \($0.check.rawValue): \($0.detail)"
            }.sorted()
            tally.check(mine == text(one.warnings), "\(one.dockerfile)\n→ \(mine)")
            for warning in one.warnings {
                guard let words = warning.desc else { continue }
                let check = BuildCheck(rawValue: warning.rule)
                tally.check(check?.summary == words, "\(warning.rule): \(words)")
            }
            if one.build_error?.hasPrefix("lint violation") == true {
                tally.check(report.error == one.build_error, "\(report.error ?? "no error")")
            }
            guard let all = one.warnings_all_targets else { continue }
            let every = try self.report(one.dockerfile, arguments, all: true).findings.map {
                "\($0.lines.lowerBound) \($0.check.rawValue): \($0.detail)"
            }.sorted()
            tally.check(every == text(all), "\(one.dockerfile)\n→ \(every)")
        }
        tally.report()
    }

    @Test(
        "finds each thing at its place",
        arguments: [
            (
                "FROM scratch\n  WORKDIR app\nWORKDIR more\n",
                [
                    "2:3 WorkdirRelativePath: Relative workdir \"app\" can have unexpected results "
                        + "if the base image changes"
                ]
            ),
            (
                "FROM scratch\nCMD [\"a\"]\nRUN x\nCMD [\"b\"]\nFROM scratch\nCMD [\"c\"]\n",
                []
            ),
            (
                "FROM scratch\nCMD [\"a\"]\nHEALTHCHECK NONE\nCMD [\"b\"]\nHEALTHCHECK CMD x\n",
                [
                    "2:1 MultipleInstructionsDisallowed: Multiple CMD instructions should not be "
                        + "used in the same stage because only the last one will be used",
                    "3:1 MultipleInstructionsDisallowed: Multiple HEALTHCHECK instructions should "
                        + "not be used in the same stage because only the last one will be used",
                ]
            ),
            (
                "FROM scratch\nEXPOSE 80/TCP 127.0.0.1:81:81 82\n",
                [
                    "2:1 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction "
                        + "should be lowercase",
                    "2:1 ExposeInvalidFormat: EXPOSE instruction should not define an IP address "
                        + "or host-port mapping, found '127.0.0.1:81:81'",
                ]
            ),
            ("FROM scratch\nSHELL [\"/bin/x\"]\nCMD y\n", []),
            ("FROM gone\nENV A=$B\n", []),
            (
                "FROM scratch\nARG A B=$A\nENV C=${D:-1} E=$B\nLABEL x=$A\n",
                ["3:1 UndefinedVar: Usage of undefined variable '$D' (did you mean $PATH?)"]
            ),
        ]
    )
    func places(text: String, findings: [String]) throws {
        // Short names are near to anything: only what is found counts here.
        let mine = found(try report(text)).map { $0.replacing(" (did you mean $B?)", with: "") }
        #expect(mine == findings.map { $0.replacing(" (did you mean $PATH?)", with: "") })
    }

    @Test(
        "settings of checks that are not valid are named at their line",
        arguments: [
            ("# check=skip\nFROM scratch\n", "1: invalid check option \"skip\""),
            ("# check=error=perhaps\nFROM scratch\n", "perhaps is not true or false"),
            ("# check=none=1\nFROM scratch\n", "invalid check option \"none\""),
        ]
    )
    func settings(text: String, reason: String) {
        let error = #expect(throws: DockerfileError.self) { try report(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("a rule that is not known is told, with what may have been meant")
    func unknown() throws {
        let report = try report("# check=skip=StageNameCase\nFROM scratch AS B\n")
        #expect(
            report.notes == [
                "dockerfile_inline: check: there is no rule StageNameCase; "
                    + "did you mean StageNameCasing?"
            ]
        )
        #expect(report.findings.map(\.check) == [.stageNameCasing])
    }

    @Test("the report is docker's, with the column of each place")
    func shown() throws {
        let report = try report("FROM scratch as b\nFROM scratch\n", ["x": "y"])
        #expect(
            report.lines.joined(separator: "\n") == """
                Check complete, 1 warning has been found!

                WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/
                'as' and 'FROM' keywords' casing do not match
                dockerfile_inline:1:1
                --------------------
                   1 | >>> FROM scratch as b
                   2 |     FROM scratch
                   3 |    \u{20}
                --------------------

                """
        )
        #expect(BuildCheck.jsonArgsRecommended.address.hasSuffix("/json-args-recommended/"))
        #expect(try report.json().contains("\"ruleName\" : \"FromAsCasing\""))
        let clean = try self.report("FROM scratch\n")
        #expect(clean.lines == ["Check complete, no warnings found."] && clean.isClean)
    }
}
