import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Attacks by what is in an image. reference: CVE-2026-41579, CVE-2023-27561, CVE-2024-21626,
/// CVE-2019-5736.
@Suite(
    "hostile images",
    .tags(.root),
    .leavesNothing,
    .leavesHostAsItWas,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct HostileImageTests {
    let bench: ContainerBench
    let canary: FilePath

    init() throws {
        bench = try ContainerBench()
        canary = bench.root.appending("canary")
        try makeDirectories(canary)
        try atomicWrite(Array("untouched".utf8), to: canary.appending("file"), synced: false)
    }

    private func expectCanaryUntouched() throws {
        #expect(try readFile(canary.appending("file"), limit: 64) == Array("untouched".utf8))
        #expect(access(canary.appending("null").string, F_OK) != 0)
        #expect(access(canary.appending("hosts").string, F_OK) != 0)
    }

    @Test(
        "links in the place of our mount points lead nowhere",
        arguments: ["dev", "proc", "sys", "etc"],
        ["absolute", "upwards", "file"]
    )
    func mountPoints(name: String, kind: String) async throws {
        let place = bench.layer.appending(name)
        try removeTree(place)
        switch kind {
        case "absolute": symlink(canary.string, place.string)
        case "upwards": symlink("../../../../../../../../..\(canary.string)", place.string)
        default: try bench.write("x", to: name)
        }
        let run = try await bench.run(
            bench.shell("echo x > /dev/null; cat /etc/hosts; mount | grep -c '^proc on /proc '")
        )
        #expect(run.output == "127.0.0.1 localhost\n1\n")
        try expectCanaryUntouched()
    }

    @Test(
        "links at our files lead nowhere",
        arguments: ["hosts", "hostname", "resolv.conf", "mtab"]
    )
    func files(name: String) async throws {
        symlink(canary.appending("file").string, bench.layer.appending("etc/\(name)").string)
        let run = try await bench.run(bench.shell("echo x >> /etc/\(name) ; cat /etc/hostname"))
        #expect(run.record.code == 0)
        try expectCanaryUntouched()
    }

    @Test("a mount target that is a link stays inside")
    func linkedTarget() async throws {
        symlink(canary.string, bench.layer.appending("data").string)
        let host = bench.root.appending("host")
        try makeDirectories(host)
        var spec = try bench.shell("touch /data/new; ls -d \(canary.string)/new")
        spec.mounts = [MountSpec(source: .bind(path: host.string, create: false), target: "/data")]
        // What it leads to is made inside, and nothing outside.
        #expect(try await bench.run(spec).output == "\(canary)/new\n")
        try expectCanaryUntouched()
        #expect(access(canary.appending("new").string, F_OK) != 0)
        #expect(access(host.appending("new").string, F_OK) == 0)
    }

    @Test(
        "a mount target with links to what is missing is made where they lead",
        arguments: [
            (["data": "../../nowhere"], "/data", "/nowhere"),
            (["data": "/a/./b//"], "/data", "/a/b"),
            (["dang": "gone/deep"], "/dang/x", "/gone/deep/x"),
            (["one": "two/..", "two": "three"], "/one/x", "/x"),
            (["one": "etc/two", "etc/two": "../three/../../four"], "/one/x/y", "/four/x/y"),
            (["one": "/one-more", "one-more": "etc/../five"], "/one", "/five"),
        ] as [([String: String], String, String)]
    )
    func danglingTarget(links: [String: String], target: String, place: String) async throws {
        for (name, text) in links { symlink(text, bench.layer.appending(name).string) }
        let host = bench.root.appending("host")
        try makeDirectories(host)
        try atomicWrite([UInt8(ascii: "x")], to: host.appending("file"), synced: false)
        for isDirectory in [true, false] {
            let source = isDirectory ? host : host.appending("file")
            var spec = try bench.shell(
                "cat \(place)\(isDirectory ? "/file" : ""); grep -c ' \(place) ' /proc/self/mountinfo"
            )
            spec.mounts = [
                MountSpec(source: .bind(path: source.string, create: false), target: target)
            ]
            let run = try await bench.run(spec)
            #expect(run.output == "x1\n", "\(isDirectory): \(run.errors)")
        }
    }

    @Test("a working directory behind a link to nothing is made where it leads")
    func danglingWorkingDirectory() async throws {
        symlink("/srv/app", bench.layer.appending("app").string)
        var spec = try bench.shell("pwd -P")
        spec.process.workingDirectory = "/app/sub"
        #expect(try await bench.run(spec).output == "/srv/app/sub\n")
    }

    @Test("a mount target whose links go round is refused", arguments: ["b", "gone/../b"])
    func circle(text: String) async throws {
        symlink(text, bench.layer.appending("a").string)
        symlink("a", bench.layer.appending("b").string)
        var spec = try bench.spec(["/bin/true"])
        spec.mounts = [MountSpec(source: .bind(path: "/tmp", create: false), target: "/a/x")]
        let error = await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
        #expect(error?.message.contains("oo many") == true, "\(error?.message ?? "")")
    }

    @Test("whoever changes a volume meanwhile does not lead a mount target out of the container")
    func changingVolume() async throws {
        let volume = bench.root.appending("volume")
        try makeDirectories(volume)
        let swapping = Task.detached { [canary] in
            let (name, other) = (volume.appending("a").string, volume.appending("b").string)
            while !Task.isCancelled {
                symlink(canary.string, name)
                unlink(name)
                mkdir(name, 0o755)
                rename(name, other)
                symlink("../../../../../../..\(canary.string)", name)
                unlink(name)
                rmdir(other + "/c")
                rmdir(other)
            }
        }
        for _ in 0..<20 {
            var spec = try bench.spec(["/bin/true"])
            spec.mounts = [
                MountSpec(source: .bind(path: volume.string, create: false), target: "/volume"),
                MountSpec(source: .bind(path: "/tmp", create: false), target: "/volume/a/c"),
            ]
            // Refused or mounted, as it happens.
            _ = try? await bench.run(spec)
        }
        swapping.cancel()
        await swapping.value
        try expectCanaryUntouched()
        #expect(access(canary.appending("c").string, F_OK) != 0)
    }

    @Test("a mount target that leads into /proc is refused")
    func procTarget() async throws {
        symlink("/proc/sys", bench.layer.appending("data").string)
        var spec = try bench.spec(["/bin/true"])
        spec.mounts = [MountSpec(source: .bind(path: "/tmp", create: false), target: "/data")]
        let error = await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
        #expect(error?.message.contains("leads into /proc") == true)
    }

    @Test("a volume over /dev cannot turn the masks into holes (CVE-2025-31133)")
    func hostileDev() async throws {
        let dev = bench.root.appending("dev")
        try makeDirectories(dev, mode: 0o755)
        symlink("/proc/sys/kernel/core_pattern", dev.appending("null").string)
        var spec = try bench.shell("cat /proc/keys; echo hacked > /proc/sys/kernel/core_pattern")
        spec.mounts = [MountSpec(source: .bind(path: dev.string, create: false), target: "/dev")]
        let before = try readFile("/proc/sys/kernel/core_pattern", limit: 4096)
        let run = try await bench.run(spec)
        #expect(run.output == "")
        #expect(try readFile("/proc/sys/kernel/core_pattern", limit: 4096) == before)
    }

    @Test(
        "descriptors of ours are no way out (CVE-2024-21626)",
        arguments: ["self", "thread-self", "1"]
    )
    func leakedDescriptors(process: String) async throws {
        for number in 0..<20 {
            var spec = try bench.shell(
                "pwd -P; ls ../../../../../../../../tmp | grep -c berth-test"
            )
            spec.process.workingDirectory = "/proc/\(process)/fd/\(number)"
            do {
                let run = try await bench.run(spec)
                Issue.record("started in \(spec.process.workingDirectory): \(run.output)")
            } catch let error as RuntimeError {
                #expect(error.message.contains("working directory"))
            }
            var program = try bench.spec([
                "/proc/\(process)/fd/\(number)/../../../../../../../../../../bin/ls", "/",
            ])
            program.process.workingDirectory = "/"
            await #expect(throws: RuntimeError.self) { try await bench.run(program) }
        }
    }

    @Test(
        "a program that is our own executable cannot be written (CVE-2019-5736)",
        arguments: ["link", "script"]
    )
    func ownExecutable(kind: String) async throws {
        if kind == "link" {
            symlink("/proc/self/exe", bench.layer.appending("app").string)
        } else {
            try bench.write("#!/proc/self/exe\n", to: "app", mode: 0o755)
        }
        let before = try readFile(FilePath(Products.keeper), limit: 64 << 20)
        // The keeper, run inside without a spec, ends at once.
        let run = try await bench.run(bench.spec(["/app"]))
        #expect(run.record.code == 125)
        #expect(try readFile(FilePath(Products.keeper), limit: 64 << 20) == before)
    }
}
