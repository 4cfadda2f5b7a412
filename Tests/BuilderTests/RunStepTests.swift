import ContainerRuntime
import ImageStore
import Linux
import OCI
import Synchronization
import SystemPackage
import Testing
import TestSupport

@testable import Builder

@Suite("RUN", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct RunStepTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("RUN changes the image, and only the image")
    func runs() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            BuildBench.busybox + """
                ENV GREETING=hello
                ARG WHO=you
                WORKDIR /work/deep
                RUN echo "$GREETING $WHO" > said && pwd && id -u && hostname
                RUN rm /bin/vi; mkdir /made; cat /etc/hosts > /dev/null
                """
        )
        #expect(try image.text("/work/deep/said") == "hello you\n")
        #expect(image.output == ["/work/deep", "0", "buildkitsandbox"])
        #expect(try image.facts("/bin/vi") == nil)
        #expect(try image.names("/") == ["bin", "made", "work"])
        #expect(image.leftovers.isEmpty)
        #expect(
            image.result.configuration.history.map(\.createdBy) == [
                "COPY busybox /bin/busybox # buildkit",
                "RUN /bin/busybox --install -s /bin # buildkit",
                "ENV GREETING=hello",
                "ARG WHO=you",
                "WORKDIR /work/deep",
                "RUN |1 WHO=you /bin/sh -c echo \"$GREETING $WHO\" > said && pwd && id -u "
                    + "&& hostname # buildkit",
                "RUN |1 WHO=you /bin/sh -c rm /bin/vi; mkdir /made; cat /etc/hosts > /dev/null "
                    + "# buildkit",
            ]
        )
        #expect(image.result.configuration.diffIDs.count == 5)
        #expect(image.result.layers.map(\.digest) == image.result.configuration.diffIDs)
        let bytes = try bench.store.readBlob(image.result.manifest.digest)
        let manifest = try OCIJSON.decode(
            Manifest.self,
            from: bytes,
            limit: 1 << 20,
            subject: "manifest"
        )
        #expect(manifest.config.digest == image.result.image)
    }

    @Test("a step that fails says which, where and how")
    func failingStep() async throws {
        try bench.addBusybox()
        do {
            _ = try await bench.build(
                BuildBench.busybox + "RUN echo before\nRUN echo going; exit 3\nRUN echo after\n"
            ) { $0.name = "web" }
            Issue.record("the build did not fail")
        } catch let error as BuildError {
            #expect(error.exitCode == 3)
            #expect(error.line == 5)
            #expect(error.step == "[web 5/6] RUN echo going; exit 3")
            #expect(
                error.description == """
                    dockerfile_inline:5: process did not complete successfully: exit code: 3
                      3 |     RUN ["/bin/busybox", "--install", "-s", "/bin"]
                      4 |     RUN echo before
                      5 | >>> RUN echo going; exit 3
                      6 |     RUN echo after
                      7 |
                    """
            )
        }
        let again = try await bench.failure(
            BuildBench.busybox + "RUN echo before\nRUN echo going; exit 3\nRUN echo after\n"
        )
        #expect(again.contains("exit code: 3"))
    }

    @Test("a program that is not there is named")
    func missingProgram() async throws {
        try bench.addBusybox()
        let text = try await bench.failure("FROM scratch\nCOPY busybox /\nRUN true\n")
        #expect(text.contains("/bin/sh"), "\(text)")
        #expect(text.contains("dockerfile_inline:3"), "\(text)")
    }

    @Test("RUN has the user that USER says")
    func user() async throws {
        try bench.addBusybox()
        try bench.write("root:x:0:0::/:\nweb:x:12:34::/home:\n", to: "passwd")
        let image = try await bench.build(
            BuildBench.busybox + """
                COPY passwd /etc/passwd
                RUN mkdir -m 777 /open
                USER web
                WORKDIR /open/mine
                RUN id -u && id -g && touch f
                """
        )
        #expect(image.output == ["12", "34"])
        #expect(try image.mode("/open/mine") == "755 12:34")
        #expect(try image.mode("/open/mine/f") == "644 12:34")
    }

    @Test("the network of RUN is what the caller connects")
    func network() async throws {
        try bench.addBusybox()
        let calls = Calls()
        let image = try await bench.build(
            BuildBench.busybox + "RUN cat /etc/resolv.conf && ls /sys/class/net\n"
        ) {
            $0.network = BuildNetwork(resolvConf: "nameserver 192.0.2.1\n") { created in
                await calls.add(created.netns == nil ? "none" : "connect")
                return { await calls.add("disconnect") }
            }
        }
        #expect(image.output == ["nameserver 192.0.2.1", "lo"])
        // Both RUNs, the second one ours.
        #expect(await calls.all == ["connect", "disconnect", "connect", "disconnect"])
        #expect(try image.names("/") == ["bin"])
    }

    @Test("of a program that writes too much the beginning is shown, and where it fails the end")
    func clipped() async throws {
        try bench.addBusybox()
        let line = String(repeating: "y", count: 1023)
        let much = "yes \(line) | head -n 3000; echo last words"
        let clip = "[output clipped, log limit 2MiB reached]"
        let image = try await bench.build(BuildBench.busybox + "RUN \(much)\nRUN echo next\n")
        let beginning = [String](repeating: line, count: 2048) + [clip]
        #expect(image.output == beginning + ["next"])
        var request = BuildRequest(context: bench.context)
        request.dockerfile = .inline(BuildBench.busybox + "RUN \(much); exit 3\n")
        let events = Mutex<[BuildEvent]>([])
        await #expect(throws: BuildError.self) {
            try await bench.builder.build(
                request,
                resolveImage: { throw BuildBench.Unexpected($0) },
                progress: { event in events.withLock { $0.append(event) } }
            )
        }
        let output = events.withLock { $0 }.compactMap { event in
            if case .output(_, let line) = event { line } else { nil }
        }
        #expect(output == beginning + [String](repeating: line, count: 9) + ["last words"])
    }

    @Test("of a line that is written again and again the last state is shown")
    func rewritten() {
        var lines = OutputLines()
        let written = Array("10%\r50%\r100%\nplain\r\nend\r".utf8)
        #expect(lines.add(written) + lines.finish() == ["100%", "plain", "end"])
    }
}

/// What was called, in order.
actor Calls {
    private(set) var all: [String] = []
    func add(_ call: String) { all.append(call) }
}
