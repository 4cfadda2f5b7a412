import CLinux
import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

/// What stands at descriptors 0 to 2 of whatever runs in a container.
@Suite(
    "standard streams",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct StreamTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private static let look =
        "for f in 0 1 2; do echo $f $(stat -L -c '%d %F' /proc/self/fd/$f) >> /tmp/seen; done"

    private func hostDevices() throws -> Set<String> {
        var status = stat()
        try #require(stat("/dev/null", &status) == 0)
        return ["\(status.st_dev)"]
    }

    private func expectNothingOfTheHost(_ seen: [UInt8]) throws {
        let lines = String(decoding: seen, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        let host = try hostDevices()
        for line in lines {
            #expect(!host.contains(String(line.split(separator: " ")[1])), "\(line)")
        }
    }

    private func running(
        _ change: (inout ContainerSpec) -> Void = { _ in }
    ) async throws -> (RunningContainer, ContainerSpec, Placement) {
        var spec = try bench.shell("exec sleep 1000")
        change(&spec)
        let placement = bench.placement()
        return (try await bench.runtime.create(spec, at: placement).start(), spec, placement)
    }

    private func end(_ container: RunningContainer) async throws {
        try bench.runtime.kill(container, signal: SIGKILL)
        _ = try await container.wait()
    }

    private func seen(_ placement: Placement) throws -> [UInt8] {
        try readFile(
            ContainerFolder(placement.directory).upper.appending("tmp/seen"),
            limit: 4096
        )
    }

    @Test("the first process has no device of the host", arguments: [false, true])
    func first(usesInit: Bool) async throws {
        var spec = try bench.shell(Self.look)
        spec.usesInit = usesInit
        let placement = bench.placement()
        #expect(try await bench.run(spec, at: placement).record.code == 0)
        try expectNothingOfTheHost(seen(placement))
    }

    @Test("a first process with descriptors of its own has no device of the host, either")
    func buildStep() async throws {
        let null = SharedFD(try openFile("/dev/null", O_RDWR))
        let placement = bench.placement()
        let created = try await bench.runtime.create(
            bench.shell(Self.look),
            at: placement,
            output: .descriptors(stdout: null, stderr: null)
        )
        #expect(try await created.start().wait().code == 0)
        try expectNothingOfTheHost(seen(placement))
    }

    @Test("a process that enters has no device of the host", arguments: [false, true])
    func entering(givesNull: Bool) async throws {
        let (container, spec, placement) = try await running()
        let null = givesNull ? SharedFD(try openFile("/dev/null", O_RDWR)) : nil
        let process = try await bench.runtime.exec(
            ProcessSpec(arguments: ["/bin/sh", "-c", Self.look]),
            in: container,
            of: spec,
            stdio: ExecStdio(input: null, output: null, error: null)
        )
        #expect(try await process.wait() == 0)
        try await end(container)
        try expectNothingOfTheHost(seen(placement))
    }

    @Test("what a container does to its null device is not done to the host's")
    func hostNull() async throws {
        var before = stat()
        try #require(stat("/dev/null", &before) == 0)
        let change =
            "chmod 600 /proc/self/fd/0; chown 7 /proc/self/fd/0; touch -d @1 /proc/self/fd/0"
        _ = try await bench.run(bench.shell(change))
        let (container, spec, _) = try await running()
        let process = try await bench.runtime.exec(
            ProcessSpec(arguments: ["/bin/sh", "-c", change.replacing("fd/0", with: "fd/1")]),
            in: container,
            of: spec,
            stdio: ExecStdio()
        )
        _ = try await process.wait()
        try await end(container)
        var after = stat()
        try #require(stat("/dev/null", &after) == 0)
        #expect(after.st_mode == before.st_mode && after.st_uid == before.st_uid)
        #expect(after.st_mtim.tv_sec == before.st_mtim.tv_sec)
    }

    @Test("an own init has the program's filter", arguments: [false, true])
    func initFilter(noNewPrivileges: Bool) async throws {
        var spec = try bench.shell(
            "grep -E '^(Seccomp:|Cap|NoNew)' /proc/1/status /proc/self/status"
        )
        spec.usesInit = true
        spec.security.noNewPrivileges = noNewPrivileges
        let output = try await bench.run(spec).output
        let lines = output.split(separator: "\n")
        let (first, own) = (
            lines.filter { $0.hasPrefix("/proc/1/") }.compactMap {
                $0.split(separator: ":", maxSplits: 1).last
            },
            lines.filter { $0.hasPrefix("/proc/self/") }.compactMap {
                $0.split(separator: ":", maxSplits: 1).last
            }
        )
        #expect(first == own)
        #expect(first.contains { $0.hasPrefix("Seccomp") && $0.hasSuffix("2") })
    }

    @Test("the mode of the keeper's copy cannot be changed from inside")
    func keeperMode() async throws {
        var spec = try bench.shell(
            "chmod 000 /proc/1/exe; chmod 644 /proc/1/exe; stat -L -c %a /proc/1/exe"
        )
        spec.usesInit = true
        spec.security.capabilities = (spec.security.capabilities + ["CAP_SYS_PTRACE"]).sorted()
        #expect(try await bench.run(spec).output == "555\n")
        #expect(try await bench.run(bench.spec(["/bin/echo", "on"])).output == "on\n")
    }

    @Test("a keeper is called by its name")
    func keeperName() async throws {
        let (container, _, placement) = try await running()
        let path = "/proc/\(container.keeperPID)"
        let comm = try readFile(FilePath("\(path)/comm"), limit: 64)
        let line = try readFile(FilePath("\(path)/cmdline"), limit: 4096)
        try await end(container)
        #expect(String(decoding: comm, as: UTF8.self) == "berth-keeper\n")
        #expect(line == Array("berth-keeper\0\(placement.name)\0".utf8))
    }

    @Test("no signal is ignored or blocked, 32 and 33 neither")
    func signals() async throws {
        let none = ["Blk", "Ign", "Cgt"].map { "Sig\($0):\t0000000000000000\n" }.joined()
        let look = ["/bin/grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"]
        #expect(try await bench.run(bench.spec(look)).output == none)
    }

    @Test(
        "a user file that is a device is looked at, never opened",
        arguments: ["passwd", "group"]
    )
    func deviceAsUserFile(name: String) async throws {
        let (container, spec, _) = try await running()
        let place = "/proc/\(container.initPID)/root/etc/\(name)"
        unlink(place)
        // A device that nothing drives: opening it would be ENXIO.
        try #require(mknod(place, S_IFCHR | 0o666, dev_t(240 << 8 | 77)) == 0)
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await bench.runtime.exec(
                ProcessSpec(arguments: ["/bin/true"]),
                in: container,
                of: spec,
                stdio: ExecStdio()
            )
        }
        try await end(container)
        #expect(
            error?.message
                == "cannot read the container's /etc/\(name): it is not a regular file"
        )
    }

    @Test("a memory file system begins with the mode of the image's folder, and is root's")
    func memoryFolder() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o700)
        chmod(bench.layer.appending("data").string, 0o700)
        chown(bench.layer.appending("data").string, 1000, 2000)
        var spec = try bench.shell("stat -c '%a %u %g' /data /asked /new")
        try makeDirectories(bench.layer.appending("asked"), mode: 0o755)
        spec.mounts = [
            MountSpec(source: .tmpfs(sizeBytes: nil, mode: nil), target: "/data"),
            MountSpec(source: .tmpfs(sizeBytes: nil, mode: 0o750), target: "/asked"),
            MountSpec(source: .tmpfs(sizeBytes: nil, mode: nil), target: "/new"),
        ]
        #expect(try await bench.run(spec).output == "700 0 0\n750 0 0\n1777 0 0\n")
    }
}
