import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Builder

@Suite("ONBUILD", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct OnBuildTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("triggers of an image are the first steps of what is built upon it, once")
    func triggers() async throws {
        try bench.addBusybox()
        try bench.write("file", to: "file")
        let base = try await bench.build(
            BuildBench.busybox + """
                ONBUILD ARG WHO=nobody
                ONBUILD COPY file /in/
                ONBUILD RUN echo $WHO > /who
                ONBUILD COPY --from=extra /bin/busybox /extra
                ENV A=b
                """
        )
        #expect(
            base.config.onBuild == [
                "ARG WHO=nobody", "COPY file /in/", "RUN echo $WHO > /who",
                "COPY --from=extra /bin/busybox /extra",
            ]
        )
        #expect(base.result.configuration.history.last?.createdBy == "ENV A=b")
        let images = ["base": base.result.base, "extra": base.result.base]
        let child = try await bench.build("FROM base\nRUN cat /who\n", images: images) {
            $0.arguments["WHO"] = "me"
        }
        #expect(child.output == ["me"])
        #expect(child.config.onBuild.isEmpty)
        #expect(try child.text("/in/file") == "file")
        #expect(
            child.events.contains {
                if case .started(let step) = $0 {
                    step.title == "[3/5] ONBUILD RUN echo $WHO > /who"
                } else {
                    false
                }
            }
        )
        let grandchild = try await bench.build(
            "FROM child\nRUN rm /who\n",
            images: ["child": child.result.base]
        )
        #expect(grandchild.cached == "R")
    }

    @Test("triggers of a stage work on the stages that begin with it")
    func stages() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            BuildBench.tools + """
                ONBUILD RUN echo triggered
                RUN echo own
                FROM tools AS next
                RUN echo child
                FROM next
                RUN echo grandchild
                """
        )
        #expect(image.output == ["own", "triggered", "child", "grandchild"])
    }

    @Test("a trigger that fails is reported at the FROM that brought it in")
    func failing() async throws {
        try bench.addBusybox()
        let base = try await bench.build(BuildBench.busybox + "ONBUILD RUN exit 7\n")
        do {
            _ = try await bench.build("\nFROM base\n", images: ["base": base.result.base])
            Issue.record("the build did not fail")
        } catch let error as BuildError {
            #expect(error.line == 2)
            #expect(error.step == "[2/2] ONBUILD RUN exit 7")
            #expect(error.exitCode == 7)
        }
    }

    @Test(
        "refuses a trigger where it is written",
        arguments: [
            ("ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"),
            ("ONBUILD MAINTAINER x", "MAINTAINER isn't allowed as an ONBUILD trigger"),
            ("ONBUILD ONBUILD RUN x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
            ("ONBUILD", "ONBUILD requires at least one argument"),
            ("ONBUILD RUM x", "unknown instruction: RUM (did you mean RUN?)"),
        ]
    )
    func refuses(line: String, problem: String) {
        let problem = DockerfileError.Problem(line: 2, message: problem)
        #expect(throws: DockerfileError(file: "Dockerfile", problems: [problem])) {
            _ = try Dockerfile(parsing: "FROM scratch\n\(line)\n")
        }
    }
}
