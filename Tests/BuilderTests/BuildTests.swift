import ContainerRuntime
import Glibc
import ImageStore
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import Builder

@Suite("Builds", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct BuildTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

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
            COPY --chown=:7 passwd /group
            COPY --chown=app: passwd /rootgroup
            COPY --chown=: passwd /root
            COPY --chmod=4751 --chown=5: passwd /new/deep/file
            USER app
            WORKDIR /w1
            USER 1001
            WORKDIR /w2
            """
        )
        #expect(try image.mode("/named") == "644 1001:2002")
        #expect(try image.mode("/number") == "644 1001:1001")
        #expect(try image.mode("/both") == "644 1001:0")
        #expect(try image.mode("/group") == "644 0:7")
        // As BuildKit of docker 28.5: beside a colon nothing means root, and folders that a copy makes
        // have the rights of its mode without its set-ID bits.
        #expect(try image.mode("/rootgroup") == "644 1001:0")
        #expect(try image.mode("/root") == "644 0:0")
        #expect(try image.mode("/new/deep") == "751 5:0")
        #expect(try image.mode("/new/deep/file") == "4751 5:0")
        #expect(try image.mode("/w1") == "755 1001:2002")
        #expect(try image.mode("/w2") == "755 1001:1001")
        let failure = try await bench.failure("FROM scratch\nCOPY --chown=nobody passwd /\n")
        #expect(failure.contains("unable to find user nobody"), "\(failure)")
    }

    @Test("what the checks find is told, and ends the build where the file wants it")
    func told() async throws {
        let image = try await bench.build(
            "FROM scratch AS b\nFROM scratch AS B\n"
        )
        let found = image.events.flatMap {
            if case .findings(let findings) = $0 { findings } else { [CheckFinding]() }
        }
        #expect(found.map(\.check) == [.stageNameCasing, .duplicateStageName])
        let failure = try await bench.failure("# check=error=true\nFROM scratch AS B\n")
        #expect(
            failure == "dockerfile_inline:2: lint violation found for rules: StageNameCasing"
        )
    }

    @Test("a build upon an image keeps the image's layers")
    func base() async throws {
        try bench.addBusybox()
        let base = try await bench.build(BuildBench.busybox + "CMD [\"base\"]\n")
        let image = try await bench.build(
            "FROM tools:2\nRUN touch /added && rm /bin/busybox2 || true\n",
            images: ["tools:2": base.result.base]
        )
        #expect(image.result.layers.prefix(2) == base.result.layers[...])
        #expect(try image.names("/") == ["added", "bin"])
        #expect(image.config.command == ["base"])
        let other = try await bench.build("FROM ctx\nLABEL a=b\n") {
            $0.namedContexts = ["ctx": .built([base.result.base])]
        }
        #expect(other.result.layers == base.result.layers)
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
            ("FROM --platform=a/b/c/d scratch", "failed to parse platform a/b/c/d"),
            ("FROM $NONE", "base name ($NONE) should not be blank"),
            ("FROM scratch AS a\nCOPY --from=a x y", "circular dependency detected on stage: a"),
            ("FROM scratch\nCOPY --from=4 x y", "there is no stage 4 above this one"),
            ("FROM UPPER", "failed to parse stage name"),
            (
                "ARG VERSION=1\nARG OTHER\nFROM base:${VERSIO}",
                "VERSIO has no value here: declare it with ARG above the first FROM "
                    + "(declared are: VERSION)"
            ),
        ]
    )
    func refusals(text: String, reason: String) async throws {
        let failure = try await bench.failure(text)
        #expect(failure.contains(reason), "\(failure)")
    }
}
