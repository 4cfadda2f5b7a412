import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@Suite(
    "volumes and binds",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct VolumeTests {
    let bench: ContainerBench
    let volume: FilePath

    init() throws {
        bench = try ContainerBench()
        volume = bench.root.appending("volumes/v/_data")
        try makeDirectories(volume, mode: 0o755)
    }

    /// Where one container with the volume runs.
    private func placement() -> Placement {
        var placement = bench.placement()
        placement.volumes = ["v": volume]
        return placement
    }

    private func spec(
        _ script: String,
        target: String = "/data",
        readOnly: Bool = false
    ) throws -> ContainerSpec {
        var spec = try bench.shell(script)
        spec.mounts = [
            MountSpec(
                source: .volume(name: "v", copiesImageContent: true),
                target: target,
                readOnly: readOnly
            )
        ]
        return spec
    }

    /// Runs a container that waits for a file in the volume, with another one beside it.
    private func share(_ first: ContainerSpec, with second: ContainerSpec) async throws -> [String]
    {
        let place = placement()
        let running = try await bench.runtime.create(first, at: place).start()
        let other = try await bench.run(second, at: placement())
        _ = try await running.wait()
        return [try bench.entries(place).map(\.log).joined(), other.output + other.errors]
    }

    private static let untilGo = "while ! test -e /data/go; do usleep 10000; done"

    @Test("a container that mounted a volume while it was empty sees what later ones write")
    func sharedEmpty() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o755)
        let output = try await share(
            spec("\(Self.untilGo); echo first > /data/first; cat /data/go /data/first"),
            with: spec("echo second > /data/go")
        )
        #expect(output == ["second\nfirst\n", ""])
        #expect(access(volume.appending("first").string, F_OK) == 0)
    }

    @Test("content that a later image brings appears for who has the empty volume already")
    func contentBesideRunning() async throws {
        try makeDirectories(bench.layer.appending("full/sub"), mode: 0o755)
        try bench.write("content\n", to: "full/sub/file")
        let output = try await share(
            spec("\(Self.untilGo); cat /data/sub/file"),
            with: spec("touch /full/go; cat /full/sub/file", target: "/full")
        )
        #expect(output == ["content\n", "content\n"])
    }

    @Test("ten containers at once on a new volume all see its content and lose nothing")
    func together() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o755)
        for number in 0..<50 { try bench.write("\(number)\n", to: "data/f\(number)") }
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<10 {
                let spec = try spec("cat /data/f* | wc -l; touch /data/mine-\(number)")
                let place = placement()
                group.addTask { try await bench.run(spec, at: place).output }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outputs == Array(repeating: "50\n", count: 10))
        for number in 0..<10 {
            #expect(access(volume.appending("mine-\(number)").string, F_OK) == 0)
        }
    }

    @Test("a new volume takes the folder's owner and mode once; what programs change stays")
    func ownerOnce() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o755)
        chown(bench.layer.appending("data").string, 1000, 1000)
        let state = "stat -c '%u %a' /data"
        #expect(try await bench.run(spec(state), at: placement()).output == "1000 755\n")
        _ = try await bench.run(spec("chown 33 /data; chmod 700 /data"), at: placement())
        #expect(try await bench.run(spec(state), at: placement()).output == "33 700\n")
    }

    @Test("what is mounted read-only is filled before, as with docker")
    func readOnly() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o755)
        chown(bench.layer.appending("data").string, 1000, 1000)
        try bench.write("x\n", to: "data/x")
        let spec = try spec("ls /data; stat -c %u /data; touch /data/y", readOnly: true)
        let run = try await bench.run(spec, at: placement())
        #expect(run.output == "x\n1000\n")
        #expect(run.errors.contains("Read-only file system"))
    }

    @Test("a copy that was interrupted while it was moved in is finished by the next start")
    func interrupted() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o755)
        try atomicWrite([], to: volume.appending("first"), synced: false)
        let rest = volume.removingLastComponent().appending("._data.content")
        try makeDirectories(rest)
        for name in ["first", "second"] {
            try atomicWrite(Array("rest\n".utf8), to: rest.appending(name), synced: false)
        }
        let run = try await bench.run(spec("cat /data/first /data/second"), at: placement())
        #expect(run.output == "rest\n")
        #expect(access(rest.string, F_OK) != 0)
    }

    @Test("a copy that was interrupted while it was made is made again")
    func halfCopy() async throws {
        try makeDirectories(bench.layer.appending("data"), mode: 0o755)
        try bench.write("whole\n", to: "data/file")
        let half = volume.removingLastComponent().appending("._data.content.tmp")
        try makeDirectories(half)
        try atomicWrite([], to: half.appending("other"), synced: false)
        let run = try await bench.run(spec("ls /data; cat /data/file"), at: placement())
        #expect(run.output == "file\nwhole\n")
    }
}

@Suite("bind sources", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct BindSourceTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func run(_ script: String, binding source: FilePath) async throws -> String {
        var spec = try bench.shell(script)
        spec.mounts = [
            MountSpec(source: .bind(path: source.string, create: true), target: "/place")
        ]
        let run = try await bench.run(spec)
        return run.output + run.errors
    }

    @Test("a file is mounted as a file, also where a missing source would be made")
    func file() async throws {
        let file = bench.root.appending("f.txt")
        try atomicWrite(Array("hello\n".utf8), to: file, synced: false)
        #expect(try await run("cat /place", binding: file) == "hello\n")
    }

    @Test("a link to a file is mounted as the file")
    func linkToFile() async throws {
        let file = bench.root.appending("f.txt")
        try atomicWrite(Array("hello\n".utf8), to: file, synced: false)
        symlink(file.string, bench.root.appending("link").string)
        #expect(try await run("cat /place", binding: bench.root.appending("link")) == "hello\n")
    }

    @Test(
        "pipes, sockets and devices are mounted as they are",
        arguments: [
            ("fifo", S_IFIFO, "p"), ("socket", S_IFSOCK, "S"), ("device", S_IFCHR, "c"),
        ]
    )
    func special(name: String, kind: mode_t, letter: String) async throws {
        let path = bench.root.appending(name)
        let device = kind == S_IFCHR ? dev_t(1 << 8 | 3) : 0
        try #require(mknod(path.string, kind | 0o600, device) == 0)
        #expect(try await run("test -\(letter) /place && echo yes", binding: path) == "yes\n")
    }

    @Test("what is missing is made as a folder, with its parents")
    func missing() async throws {
        let path = bench.root.appending("a/b/c")
        #expect(try await run("test -d /place && echo folder", binding: path) == "folder\n")
        #expect(access(path.string, F_OK) == 0)
    }

    @Test("a source below a file, or a link that leads nowhere, is named with the reason")
    func impossible() async throws {
        let file = bench.root.appending("file")
        try atomicWrite([], to: file, synced: false)
        symlink("/nowhere/at/all", bench.root.appending("dangling").string)
        let (below, link) = (file.appending("below"), bench.root.appending("dangling"))
        for (path, words) in [
            (below, "cannot make the folder \(below) to mount it"),
            (link, "cannot mount \(link): it is a link to /nowhere/at/all, where nothing is"),
        ] {
            let error = await #expect(throws: RuntimeError.self) {
                _ = try await run("true", binding: path)
            }
            #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
        }
    }
}
