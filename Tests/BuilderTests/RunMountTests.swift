import ContainerRuntime
import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Builder

@Suite("RUN --mount", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct RunMountTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("a cache is kept from build to build and is never part of the image")
    func cache() async throws {
        try bench.addBusybox()
        let file =
            BuildBench.busybox + """
                ARG ROUND
                RUN --mount=type=cache,target=/var/cache/x,mode=0710,uid=3 \
                    stat -c '%a %u' /var/cache/x; echo $ROUND >> /var/cache/x/log; \
                    cat /var/cache/x/log; touch /done
                """
        let first = try await bench.build(file) { $0.arguments["ROUND"] = "1" }
        #expect(first.output == ["710 3", "1"])
        #expect(try first.names("/") == ["bin", "done"])
        let second = try await bench.build(file) { $0.arguments["ROUND"] = "2" }
        #expect(second.output == ["710 3", "1", "2"])
        let again = try await bench.build(file) { $0.arguments["ROUND"] = "2" }
        #expect(again.output.isEmpty)
        let inventory = BuildCacheInventory(below: bench.root.appending("build"))
        let mounts = try inventory.entries().filter { $0.kind == .mount }
        #expect(mounts.map(\.text) == ["/var/cache/x"])
        #expect(try inventory.forget(mounts) == mounts)
        #expect(try inventory.entries().allSatisfy { $0.kind == .step })
    }

    @Test("a cache begins with what its from says")
    func seededCache() async throws {
        try bench.addBusybox()
        try bench.write("seed", to: "seed/file")
        let image = try await bench.build(
            BuildBench.tools + """
                RUN mkdir /s && echo stage > /s/file
                FROM scratch AS other
                COPY seed /in
                FROM tools
                RUN --mount=type=cache,target=/c,id=a,from=other,source=/in cat /c/file; echo more > /c/file
                RUN --mount=type=cache,target=/d,id=a,from=other,source=/in cat /d/file
                """
        )
        #expect(image.output == ["seed", "more"])
    }

    @Test("two builds take turns with a cache that is locked")
    func locked() async throws {
        let mounts = CacheMounts(folder: bench.path.appending("mounts"))
        func wish(_ sharing: RunMount.Sharing) -> CacheMounts.Wish {
            .init(id: "x", sharing: sharing, mode: 0o755, owner: .root)
        }
        let none: @Sendable (FilePath) throws -> Void = { _ in }
        let own = try await mounts.take(wish(.private), seed: none)
        let other = try await mounts.take(wish(.private), seed: none)
        #expect(own.data != other.data)
        #expect(try mounts.remove(Set(try mounts.all().map(\.folder))).isEmpty)
        let waiting = Task { try await mounts.take(wish(.locked), seed: none) }
        // It cannot have the folder before the first lets go.
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        withExtendedLifetime((own, other)) {}
    }

    @Test("one folder is shared by those who want to share it")
    func shared() async throws {
        let mounts = CacheMounts(folder: bench.path.appending("mounts"))
        let wish = CacheMounts.Wish(id: "x", sharing: .shared, mode: 0o700, owner: .root)
        let first = try await mounts.take(wish) { try makeDirectories($0.appending("new")) }
        let second = try await mounts.take(wish) { _ in Issue.record("it is there already") }
        #expect(first.data == second.data)
        #expect(try mounts.remove(Set(try mounts.all().map(\.folder))).isEmpty)
        withExtendedLifetime((first, second)) {}
    }

    @Test("a bind shows the context as a COPY would take it, read-only, and leaves nothing")
    func bind() async throws {
        try bench.addBusybox()
        try bench.write("hidden\n", to: ".dockerignore")
        try bench.write("1", to: "src/a")
        try bench.write("2", to: "hidden")
        chown(bench.context.appending("src/a").string, 5, 5)
        let file =
            BuildBench.busybox + """
                WORKDIR /work
                RUN --mount=target=. ls; stat -c %u src/a; touch x 2>/dev/null || echo read-only
                RUN --mount=target=/rw/deep,rw,source=src echo 3 > /rw/deep/a; cat /rw/deep/a
                """
        let image = try await bench.build(file)
        #expect(image.output == ["busybox", "src", "0", "read-only", "3"])
        #expect(try image.names("/") == ["bin", "work"])
        #expect(try image.names("/work").isEmpty)
        let context = bench.context.appending("src/a")
        #expect(try readFile(context, limit: 10) == Array("1".utf8))
    }

    @Test("what a bind shows counts for the cache, and nothing else of the context does")
    func bindKey() async throws {
        try bench.addBusybox()
        try bench.write("1", to: "src/a")
        let file = BuildBench.busybox + "RUN --mount=target=/src,source=src cat /src/a; true\n"
        #expect(try await bench.build(file).cached == "RRR")
        #expect(try await bench.build(file).cached == "CCC")
        try bench.write("x", to: "other")
        #expect(try await bench.build(file).cached == "CCC")
        try bench.write("2", to: "src/a")
        #expect(try await bench.build(file).cached == "CCR")
    }

    @Test("a bind of a stage is read where it lies")
    func bindStage() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            BuildBench.tools + """
                FROM tools AS one
                RUN mkdir /out && echo here > /out/file
                FROM tools
                RUN --mount=from=one,source=/out,target=/in cat /in/file
                RUN --mount=from=one,source=/out/file,target=/etc/file cat /etc/file
                RUN --mount=from=one,target=/all,rw cat /all/out/file; echo x > /all/out/file
                """
        )
        #expect(image.output == ["here", "here", "here"])
        #expect(try image.names("/") == ["bin"])
    }

    @Test("a memory file system can run programs and leaves nothing")
    func memory() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            BuildBench.busybox + """
                RUN --mount=type=tmpfs,target=/t stat -c %a /t
                RUN --mount=type=tmpfs,target=/tmp/work,size=1m df -k /tmp/work | tail -1; \
                    printf '#!/bin/sh\\necho runs' > /tmp/work/x; chmod 755 /tmp/work/x; /tmp/work/x
                """
        )
        #expect(image.output.first == "1777")
        #expect(image.output.dropFirst().first?.contains(" 1024 ") == true)
        #expect(image.output.last == "runs")
        #expect(try image.names("/") == ["bin"])
    }

    @Test("a secret is seen by its step and by nobody else")
    func secrets() async throws {
        try bench.addBusybox()
        let file =
            BuildBench.busybox + """
                RUN --mount=type=secret,id=token,uid=7,mode=0440 \
                    stat -c '%a %u' /run/secrets/token && wc -c < /run/secrets/token
                RUN --mount=type=secret,id=token,env=TOKEN echo "${#TOKEN}"; test ! -e /run/secrets
                RUN --mount=type=secret,id=token,target=/t/oken cat /t/oken > /dev/null
                RUN --mount=type=secret,id=none test ! -e /run/secrets
                """
        let image = try await bench.build(file + "\nRUN true\n") {
            $0.secrets["token"] = .value(Array("geheimnis".utf8))
        }
        #expect(image.output == ["440 7", "9", "9"])
        #expect(try image.names("/") == ["bin"])
        // Another value is no reason to build again.
        let again = try await bench.build(file + "\nRUN true\n") {
            $0.secrets["token"] = .value(Array("anders".utf8))
        }
        #expect(again.cached == "CCCCCCC")
        #expect(try !bench.holds("geheimnis"))
    }

    @Test("a secret that is required and missing stops the build with its name")
    func missingSecret() async throws {
        try bench.addBusybox()
        let text = try await bench.failure(
            BuildBench.busybox + "RUN --mount=type=secret,id=token,required true\n"
        )
        #expect(text.contains("dockerfile_inline:4: secret token: not found"), "\(text)")
        let agent = try await bench.failure(
            BuildBench.busybox + "RUN --mount=type=ssh,required true\n"
        )
        #expect(agent.contains("no SSH key \"default\" forwarded"), "\(agent)")
    }

    @Test("the socket of an agent is given to the step that asks for it")
    func agent() async throws {
        try bench.addBusybox()
        let path = bench.path.appending("agent")
        let socket = try UnixListener(at: path)
        let image = try await bench.build(
            BuildBench.busybox + """
                RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK" && echo $SSH_AUTH_SOCK
                RUN echo "none: $SSH_AUTH_SOCK"
                """
        ) { $0.agents["default"] = path }
        #expect(image.output == ["/run/buildkit/ssh_agent.0", "none: "])
        #expect(try image.names("/") == ["bin"])
        withExtendedLifetime(socket) {}
    }

    @Test("what leaves the sandbox has to be allowed")
    func entitlements() async throws {
        try bench.addBusybox()
        let insecure =
            BuildBench.busybox + "RUN --security=insecure grep CapEff /proc/self/status\n"
        let refused = try await bench.failure(insecure)
        #expect(refused.contains("needs the entitlement security.insecure"), "\(refused)")
        let image = try await bench.build(insecure) { $0.entitlements = [.insecure] }
        #expect(image.output.first?.hasSuffix("a80425fb") == false)
        let host = try await bench.failure(BuildBench.busybox + "RUN --network=host true\n")
        #expect(host.contains("needs the entitlement network.host"), "\(host)")
        let none = try await bench.build(
            BuildBench.busybox + "RUN --network=none ls /sys/class/net\n"
        )
        #expect(none.output == ["lo"])
    }

    @Test("hosts, limits and shared memory of a build are those of its steps")
    func surroundings() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            BuildBench.busybox + "RUN grep shop /etc/hosts; ulimit -n; df -k /dev/shm | tail -1\n"
        ) {
            $0.extraHosts = [.init(name: "shop", address: "10.1.2.3")]
            $0.resourceLimits = [.init(name: "nofile", soft: 99, hard: 99)]
            $0.shmSizeBytes = 3 << 20
        }
        #expect(image.output.prefix(2) == ["10.1.2.3\tshop", "99"])
        #expect(image.output.last?.contains("3072") == true)
    }
}
