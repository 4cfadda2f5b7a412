import CLinux
import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Attacks from inside a default container, run as its root.
@Suite(
    "escapes",
    .tags(.root),
    .leavesNothing,
    .leavesHostAsItWas,
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct EscapeTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    @Test("file systems and namespaces cannot be had (CVE-2022-0492)")
    func mounts() async throws {
        let run = try await bench.run(
            bench.shell(
                """
                mkdir /m
                mount -t cgroup -o memory none /m; mount -t proc none /m; mount -t tmpfs none /m
                mount -o remount,rw /proc/sys; mount -o remount,rw /sys; umount /proc/keys
                unshare -Urm true; unshare -m true; unshare -n true
                for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do
                    test -e $f && echo x > $f && echo wrote $f
                done
                for f in $(find /sys/fs/cgroup -type f -name '*max*' 2>/dev/null); do
                    echo 1 > $f && echo wrote $f
                done
                mount | grep -c ' /m '
                """
            )
        )
        #expect(run.output == "0\n", "\(run.output)")
    }

    @Test("devices of the host can be made but not opened", arguments: ["/tmp", "/dev/shm", "/v"])
    func devices(place: String) async throws {
        let volume = bench.root.appending("volume")
        try makeDirectories(volume, mode: 0o755)
        var spec = try bench.shell(
            """
            cd \(place)
            for d in 'b 8 0' 'b 254 0' 'b 253 0' 'b 7 0' 'c 1 1' 'c 1 11' 'c 10 229' 'c 10 200'; do
                rm -f d; mknod d $d || continue
                dd if=d of=/dev/null bs=1 count=1 2>/dev/null && echo read $d
                echo > d && echo wrote $d
            done
            echo done
            """
        )
        spec.mounts = [
            MountSpec(source: .volume(name: "v", copiesImageContent: false), target: "/v")
        ]
        var placement = bench.placement()
        placement.volumes = ["v": volume]
        let run = try await bench.run(spec, at: placement)
        #expect(run.output == "done\n")
    }

    @Test("a fork bomb stops at its limit and ends with its container")
    func forkBomb() async throws {
        var spec = try bench.shell("for i in $(seq 1 200); do sleep 1000 & done; echo full")
        spec.resources.maximumProcesses = 30
        let run = try await bench.run(spec)
        #expect(run.errors.contains("can't fork"))
    }

    @Test("a container that wants too much memory is killed, and the record says why")
    func memory() async throws {
        var spec = try bench.shell("echo up; exec dd if=/dev/zero of=/dev/null bs=200M count=1")
        spec.resources.memoryBytes = 16 << 20
        let run = try await bench.run(spec)
        #expect(run.output == "up\n")
        #expect(run.record.oomKilled)
        #expect(run.record.code == 137)
    }

    @Test("a memory limit too small to start in is said to be")
    func noMemory() async throws {
        var spec = try bench.spec(["/bin/true"])
        spec.resources.memoryBytes = 64 << 10
        await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
    }

    @Test("descriptors of ours stay ours, however many there are")
    func descriptors() async throws {
        let strays = try (0..<200).map { _ in
            SharedFD(try openFile("/etc", O_RDONLY | O_DIRECTORY))
        }
        let run = try await bench.run(bench.spec(["/bin/ls", "/proc/self/fd"]))
        withExtendedLifetime(strays) {}
        // The fourth is the directory that ls reads.
        #expect(run.output == "0\n1\n2\n3\n")
    }

    @Test(
        "mounting into a volume whose folders are swapped for links stays inside (CVE-2021-30465)"
    )
    func mountRace() async throws {
        let (shared, other) = (bench.root.appending("shared"), bench.root.appending("other"))
        try makeDirectories(shared.appending("a/x"), mode: 0o755)
        try makeDirectories(other, mode: 0o755)
        symlink("/", shared.appending("b").string)
        let before = try names(in: "/")
        let swapper = Task.detached {
            while !Task.isCancelled {
                berth_renameat2(
                    AT_FDCWD,
                    shared.appending("a").string,
                    AT_FDCWD,
                    shared.appending("b").string,
                    UInt32(RENAME_EXCHANGE)
                )
            }
        }
        var spec = try bench.shell("touch /shared/a/x/mark")
        spec.mounts = [
            MountSpec(source: .volume(name: "s", copiesImageContent: false), target: "/shared"),
            MountSpec(
                source: .volume(name: "o", copiesImageContent: false),
                target: "/shared/a/x"
            ),
        ]
        for _ in 0..<100 {
            var placement = bench.placement()
            placement.volumes = ["s": shared, "o": other]
            // Failing is as good as succeeding: nothing may happen outside.
            _ = try? await bench.run(spec, at: placement)
        }
        swapper.cancel()
        await swapper.value
        #expect(try names(in: "/") == before)
        #expect(access("/x", F_OK) != 0)
    }

    private func names(in folder: String) throws -> Set<String> {
        let stream = try #require(opendir(folder))
        defer { closedir(stream) }
        var names: Set<String> = []
        while let entry = readdir(stream) {
            names.insert(
                withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
        return names
    }

    @Test("a container that joins and leaves while processes enter it is never left by them")
    func execRace() async throws {
        let spec = try bench.shell("exec sleep 1000")
        let host = try ProcessFD(opening: getpid())
        var entered = 0
        for _ in 0..<20 {
            let created = try await bench.runtime.create(spec, at: bench.placement())
            let running = try await created.start()
            let killer = Task { try bench.runtime.kill(running, signal: SIGKILL) }
            var process = ProcessSpec(arguments: [
                "/bin/sh", "-c", "test -e /bin/busybox && exit 42",
            ])
            process.environment = ["PATH=/bin"]
            do {
                let entering = try await bench.runtime.exec(
                    process,
                    in: running,
                    of: spec,
                    stdio: ExecStdio()
                )
                let code = try await entering.wait()
                #expect(code == 42 || code == 137)
                entered += 1
            } catch is RuntimeError {
                // It was gone, and the error says so.
            }
            try await killer.value
            _ = try await running.wait()
        }
        #expect(host.isAlive)
    }

    @Test("who enters cannot be seen, written or traced by a container with ptrace (CVE-2016-9962)")
    func enteringIsHidden() async throws {
        var spec = try bench.shell(
            """
            while :; do
                for p in /proc/[0-9]*; do
                    case $(readlink $p/exe 2>/dev/null) in
                        *berth-keeper*) echo seen $p; echo x > $p/exe && echo wrote ;;
                    esac
                done
            done
            """
        )
        spec.security.capabilities = (spec.security.capabilities + ["CAP_SYS_PTRACE"]).sorted()
        let placement = bench.placement()
        let created = try await bench.runtime.create(spec, at: placement)
        let running = try await created.start()
        let before = try readFile(FilePath(Products.keeper), limit: 64 << 20)
        for _ in 0..<30 {
            let process = try await bench.runtime.exec(
                ProcessSpec(arguments: ["/bin/true"]),
                in: running,
                of: spec,
                stdio: ExecStdio()
            )
            #expect(try await process.wait() == 0)
        }
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        #expect(try bench.entries(placement).allSatisfy { !$0.log.contains("wrote") })
        #expect(try readFile(FilePath(Products.keeper), limit: 64 << 20) == before)
    }

    @Test("who enters has nothing open but the standard streams, from its first instant")
    func enteringHasNothingOpen() async throws {
        var spec = try bench.shell(
            """
            while :; do
                for p in /proc/[0-9]*; do
                    case $(readlink $p/exe 2>/dev/null) in
                        *berth-keeper*) echo seen $(ls $p/fd 2>/dev/null) ;;
                    esac
                done
            done
            """
        )
        spec.security.capabilities = (spec.security.capabilities + ["CAP_SYS_PTRACE"]).sorted()
        let placement = bench.placement()
        let created = try await bench.runtime.create(spec, at: placement)
        let running = try await created.start()
        // It looks for its program in many places, which takes it long enough to be seen.
        var process = ProcessSpec(arguments: ["true"])
        process.environment = ["PATH=" + String(repeating: "/a:", count: 40_000) + "/bin"]
        for _ in 0..<10 {
            let entering = try await bench.runtime.exec(
                process,
                in: running,
                of: spec,
                stdio: ExecStdio()
            )
            #expect(try await entering.wait() == 0)
        }
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        let seen = Set(try bench.entries(placement).map(\.log))
        #expect(seen.contains("seen 0 1 2\n"))
        // Nothing is there to be listed when it has ended meanwhile.
        #expect(seen.subtracting(["seen 0 1 2\n", "seen\n"]).isEmpty)
    }
}
