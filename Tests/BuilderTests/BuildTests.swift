import ContainerRuntime
import Glibc
import ImageStore
import Linux
import OCI
import SystemPackage
import Testing

@testable import Builder

@Suite("Builds", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct BuildTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    private static let busybox = """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]

        """

    @Test("RUN changes the image, and only the image")
    func runs() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            Self.busybox + """
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

    @Test("configuration is what the instructions say")
    func configuration() async throws {
        let image = try await bench.build(
            #"""
            FROM scratch AS base
            CMD ["base"]
            FROM base
            ENV A=1 B="two words" PATH=/opt:$PATH
            ENV C $A and $B
            LABEL one=1 "two"='2 3'
            EXPOSE 80 443/TCP 1000-1002/udp
            USER web:staff
            VOLUME /data [plain words]
            VOLUME ["/x y"]
            STOPSIGNAL SIGINT
            WORKDIR /
            SHELL ["/bin/bash", "-c"]
            ENTRYPOINT run me
            HEALTHCHECK --interval=5s --retries=2 CMD test -f /ok
            MAINTAINER me
            """#
        ) { $0.labels = ["one": "command line"] }
        let config = image.config
        #expect(
            config.environment == [
                "PATH=/opt:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1",
                "B=two words", "C=1 and two words",
            ]
        )
        #expect(config.labels == ["one": "command line", "two": "2 3"])
        #expect(
            config.exposedPorts == ["80/tcp", "443/tcp", "1000/udp", "1001/udp", "1002/udp"]
        )
        #expect(config.user == "web:staff")
        #expect(config.volumes == ["/data", "[plain", "words]", "/x y"])
        #expect(config.stopSignal == "SIGINT")
        #expect(config.entrypoint == ["/bin/bash", "-c", "run me"])
        #expect(config.command == nil)
        #expect(config.healthcheck?.test == ["CMD-SHELL", "test -f /ok"])
        #expect(config.healthcheck?.intervalNanoseconds == 5_000_000_000)
        #expect(config.healthcheck?.retries == 2)
        #expect(image.result.configuration.author == "me")
        #expect(image.result.configuration.history.count == 14)
        #expect(image.result.layers.isEmpty)
    }

    @Test("only the stages that the target needs are built")
    func stages() async throws {
        try bench.write("x", to: "x")
        let text = """
            FROM scratch AS one
            COPY x /one
            FROM scratch AS unneeded
            COPY does-not-exist /
            FROM one AS two
            COPY x /two
            FROM scratch AS three
            COPY --from=two / /all/
            """
        let image = try await bench.build(text)
        #expect(try image.names("/all") == ["one", "two"])
        let two = try await bench.build(text) { $0.target = "TWO" }
        #expect(try two.names("/") == ["one", "two"])
        let zero = try await bench.build(text) { $0.target = "0" }
        #expect(try zero.names("/") == ["one"])
        let failure = try await bench.failure(text) { $0.target = "four" }
        #expect(failure == "dockerfile_inline: target stage \"four\" could not be found")
    }

    @Test("arguments come from the command line, defaults and above the first FROM")
    func arguments() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            """
            ARG BASE=scratch
            ARG VERSION=1
            FROM $BASE AS base
            ARG VERSION
            ARG EXTRA=$VERSION.0
            ARG TARGETARCH
            ARG UNSET
            LABEL version=$VERSION extra=$EXTRA arch=${TARGETARCH:+set} unset=${UNSET-yes}
            FROM base
            LABEL inherited=$EXTRA
            """
        ) { $0.arguments = ["VERSION": "7", "UNUSED": "x"] }
        #expect(
            image.config.labels == [
                "version": "7", "extra": "7.0", "arch": "set", "unset": "yes", "inherited": "7.0",
            ]
        )
        #expect(
            image.events.contains(.warning("one or more build arguments were not used: UNUSED"))
        )
    }

    @Test("here-documents of RUN go to the shell, or to their interpreter")
    func heredocs() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            Self.busybox + """
                RUN <<EOF
                echo one
                echo two > /two
                EOF
                RUN cat <<A > /three && cat <<B
                a
                A
                b
                B
                RUN <<EOF
                #!/bin/awk -f
                BEGIN { print "awk" }
                EOF
                """
        )
        #expect(image.output == ["one", "b", "awk"])
        #expect(try image.text("/two") == "two\n")
        #expect(try image.text("/three") == "a\n")
        #expect(try image.names("/") == ["bin", "three", "two"])
    }

    @Test("a step that fails says which, where and how")
    func failingStep() async throws {
        try bench.addBusybox()
        do {
            _ = try await bench.build(
                Self.busybox + "RUN echo before\nRUN echo going; exit 3\nRUN echo after\n"
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
            Self.busybox + "RUN echo before\nRUN echo going; exit 3\nRUN echo after\n"
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
            Self.busybox + """
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

    @Test(
        "names in --chown have their own group, numbers are their own; so have folders of WORKDIR"
    )
    func groups() async throws {
        try bench.addBusybox()
        try bench.write("root:x:0:0::/:\napp:x:1001:2002::/:\n", to: "passwd")
        let image = try await bench.build(
            """
            FROM scratch
            COPY passwd /etc/passwd
            COPY --chown=app passwd /named
            COPY --chown=1001 passwd /number
            COPY --chown=app:0 passwd /both
            USER app
            WORKDIR /w1
            USER 1001
            WORKDIR /w2
            """
        )
        #expect(try image.mode("/named") == "644 1001:2002")
        #expect(try image.mode("/number") == "644 1001:1001")
        #expect(try image.mode("/both") == "644 1001:0")
        #expect(try image.mode("/w1") == "755 1001:2002")
        #expect(try image.mode("/w2") == "755 1001:1001")
        let failure = try await bench.failure("FROM scratch\nCOPY --chown=nobody passwd /\n")
        #expect(failure.contains("unable to find user nobody"), "\(failure)")
    }

    @Test("of an ARG and an ENV of one name the later counts; a bare ARG changes nothing")
    func laterArgument() async throws {
        let image = try await bench.build(
            """
            FROM scratch
            ENV A=env B=env C=env
            ARG A=late
            ARG B
            ARG C=late
            LABEL a=$A b=$B c=$C
            ENV C=again
            LABEL d=$C
            """
        ) { $0.arguments = ["A": "9"] }
        #expect(image.config.labels == ["a": "9", "b": "env", "c": "late", "d": "again"])
        #expect(image.config.environment.contains("A=env"))
        #expect(image.config.workingDirectory == "/")
    }

    @Test("a backslash in an unquoted here-document goes, whatever the escape directive says")
    func heredocEscapes() async throws {
        let body = #"a\\ \n \$V `$V"#
        let text = "FROM scratch\nENV V=v\nCOPY <<EOF /x\n\(body)\nEOF\n"
        for directive in ["", "# escape=`\n"] {
            let image = try await bench.build(directive + text)
            #expect(try image.text("/x") == #"a\ n $V `v"# + "\n")
        }
    }

    @Test("carriage returns at the ends of lines are no content of a here-document")
    func returns() async throws {
        let text = "FROM scratch\nCOPY <<EOF /x\none\ntwo\nEOF\n"
        let image = try await bench.build(text.replacing("\n", with: "\r\n"))
        #expect(try image.text("/x") == "one\ntwo\n")
        // Where only the content has them, they are meant.
        let meant = try await bench.build("FROM scratch\nCOPY <<EOF /x\none\r\nEOF\n")
        #expect(try meant.text("/x") == "one\r\n")
    }

    @Test("a stage name that is there twice and an ineffective check are told")
    func told() async throws {
        let image = try await bench.build(
            "# check=skip=all;error=true\nFROM scratch AS b\nFROM scratch AS B\n"
        )
        let warnings = image.events.compactMap {
            if case .warning(let text) = $0 { text } else { nil }
        }
        #expect(warnings.count == 2)
        #expect(warnings[0].hasPrefix("dockerfile_inline:1: check=error=true has no effect"))
        #expect(warnings[1].hasPrefix("dockerfile_inline:3: Duplicate stage name \"b\""))
    }

    @Test("of a line that is written again and again the last state is shown")
    func rewritten() {
        var lines = OutputLines()
        let written = Array("10%\r50%\r100%\nplain\r\nend\r".utf8)
        #expect(lines.add(written) + lines.finish() == ["100%", "plain", "end"])
    }

    @Test("a build upon an image keeps the image's layers")
    func base() async throws {
        try bench.addBusybox()
        let base = try await bench.build(Self.busybox + "CMD [\"base\"]\n")
        let image = try await bench.build(
            "FROM tools:2\nRUN touch /added && rm /bin/busybox2 || true\n",
            images: ["tools:2": base.result.base]
        )
        #expect(image.result.layers.prefix(2) == base.result.layers[...])
        #expect(try image.names("/") == ["added", "bin"])
        #expect(image.config.command == ["base"])
        let other = try await bench.build("FROM ctx\nLABEL a=b\n") {
            $0.namedContexts = ["ctx": .built(base.result.base)]
        }
        #expect(other.result.layers == base.result.layers)
    }

    @Test("the network of RUN is what the caller connects")
    func network() async throws {
        try bench.addBusybox()
        let calls = Calls()
        let image = try await bench.build(
            Self.busybox + "RUN cat /etc/resolv.conf && ls /sys/class/net\n"
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

    @Test("a Dockerfile is found in the context, its rules beside it")
    func dockerfilePath() async throws {
        try bench.write("FROM scratch\nCOPY . /\n", to: "dockerfile")
        try bench.write("x", to: "skipped")
        try bench.write("skipped\n", to: "dockerfile.dockerignore")
        try bench.write("*\n", to: ".dockerignore")
        let image = try await bench.build("") { $0.dockerfile = .path("Dockerfile") }
        #expect(try image.names("/") == [".dockerignore", "dockerfile", "dockerfile.dockerignore"])
        let failure = try await bench.failure("") { $0.dockerfile = .path("none") }
        #expect(failure.hasSuffix("failed to read dockerfile: No such file or directory"))
    }

    @Test("a Dockerfile or its rules that are no file are refused, and not waited for")
    func noFiles() async throws {
        let rules = bench.context.appending(".dockerignore")
        #expect(mkfifo(rules.string, 0o644) == 0)
        #expect(
            try await bench.failure("FROM scratch\nCOPY x /\n")
                == "dockerfile_inline: \(rules): it is not a regular file"
        )
        try removeTree(rules)
        try bench.write("good\n[\n", to: ".dockerignore")
        #expect(
            try await bench.failure("FROM scratch\nCOPY x /\n")
                == "dockerfile_inline: \(rules):2: syntax error in pattern: ["
        )
        #expect(mkfifo(bench.context.appending("Fifo").string, 0o644) == 0)
        let failure = try await bench.failure("") { $0.dockerfile = .path("Fifo") }
        #expect(failure.hasSuffix("failed to read dockerfile: it is not a regular file"))
    }

    @Test("overlay's marks of a user count for nothing, those of the kernel do")
    func opaque() throws {
        var found: [String: [String]] = [:]
        for mark in ["user.overlay.opaque", "trusted.overlay.opaque"] {
            let (top, low) = (
                bench.path.appending("top-\(mark)"), bench.path.appending("low-\(mark)")
            )
            for layer in [top, low] { try makeDirectories(layer.appending("d")) }
            try atomicWrite([], to: top.appending("d/high"))
            try atomicWrite([], to: low.appending("d/low"))
            let folder = SharedFD(try openFile(top.appending("d"), O_RDONLY | O_DIRECTORY))
            try folder.setExtendedAttribute(mark, to: Array("y".utf8), subject: mark)
            let tree = try LayeredTree(layers: [top, low], name: "layers")
            found[mark] = try tree.root.open("d").names().map(\.string)
        }
        #expect(found["user.overlay.opaque"] == ["high", "low"])
        #expect(found["trusted.overlay.opaque"] == ["high"])
    }

    @Test("a full disk is told with what to do")
    func full() {
        let full = SyscallError(call: "write", subject: "/a", errno: ENOSPC)
        #expect(full.inBuild.hasPrefix("write /a: No space left on device; make room ("))
        let other = SyscallError(call: "write", subject: "/a", errno: EIO)
        #expect(other.inBuild == other.description)
    }

    @Test(
        "what the plan cannot carry out is refused before anything is done",
        arguments: [
            ("FROM --platform=linux/s390x scratch", "--platform=linux/s390x is not supported yet"),
            ("FROM $NONE", "base name ($NONE) should not be blank"),
            ("FROM scratch AS a\nCOPY --from=a x y", "circular dependency detected on stage: a"),
            ("FROM scratch\nCOPY --from=4 x y", "there is no stage 4 above this one"),
            ("FROM UPPER", "failed to parse stage name"),
        ]
    )
    func refusals(text: String, reason: String) async throws {
        let failure = try await bench.failure(text)
        #expect(failure.contains(reason), "\(failure)")
    }
}

/// What was called, in order.
actor Calls {
    private(set) var all: [String] = []
    func add(_ call: String) { all.append(call) }
}
