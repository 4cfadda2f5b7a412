import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("containers", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct LaunchTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    @Test("a program runs, says something and ends with its code")
    func runs() async throws {
        let run = try await bench.run(bench.shell("echo hello; echo oops >&2; exit 7"))
        #expect(run.output == "hello\n")
        #expect(run.errors == "oops\n")
        #expect(run.record.cause == .exited(code: 7))
        #expect(run.record.startedAtNanoseconds <= run.record.finishedAtNanoseconds)
    }

    @Test("a program that is killed is recorded with its signal")
    func killed() async throws {
        let created = try await bench.runtime.create(
            bench.shell("echo up; exec sleep 1000"),
            at: bench.placement()
        )
        let running = try await created.start()
        try bench.runtime.kill(running, signal: SIGKILL)
        let record = try await running.wait()
        #expect(record.cause == .signalled(SIGKILL))
        #expect(record.code == 137)
    }

    @Test("it sees its own name, users, environment and files")
    func world() async throws {
        var spec = try bench.shell(
            "hostname; pwd; id -u; id -g; id -G; echo $HOME $PATH $A; cat /etc/hosts /etc/hostname"
        )
        spec.hostname = "box"
        spec.process.user = "web"
        spec.process.workingDirectory = "/made/here"
        spec.process.environment = ["A=b"]
        let run = try await bench.run(spec)
        #expect(
            run.output == """
                box
                /made/here
                1000
                1000
                1000 2000
                /home/web /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin b
                127.0.0.1 localhost
                box

                """
        )
    }

    @Test("it is process 1 and sees no other")
    func alone() async throws {
        let run = try await bench.run(bench.shell("echo $$; ls /proc | grep '^[0-9]'"))
        #expect(run.output.split(separator: "\n").first == "1")
        #expect(!run.output.contains("\n100\n"))
        #expect(run.output.split(separator: "\n").count <= 4)
    }

    @Test("it has exactly its standard streams")
    func descriptors() async throws {
        let run = try await bench.run(bench.spec(["/bin/ls", "/proc/self/fd"]))
        // The fourth is the directory that ls reads.
        #expect(run.output == "0\n1\n2\n3\n")
    }

    @Test("what it writes stays in its own layer and is there at the next start")
    func layer() async throws {
        let placement = bench.placement()
        _ = try await bench.run(bench.shell("echo kept > /file"), at: placement)
        let again = try await bench.run(bench.shell("cat /file"), at: placement)
        #expect(again.output.hasSuffix("kept\n"))
        #expect(access(bench.layer.appending("file").string, F_OK) != 0)
    }

    @Test("an ephemeral container can be started again")
    func ephemeral() async throws {
        var placement = bench.placement()
        placement.isEphemeral = true
        _ = try await bench.run(bench.shell("echo kept > /file"), at: placement)
        let again = try await bench.run(bench.shell("cat /file"), at: placement)
        #expect(again.output == "kept\n")
    }

    @Test("a read-only root cannot be written, nor what is mounted in /etc; its tmpfs can")
    func readOnlyRoot() async throws {
        var spec = try bench.shell(
            """
            touch /x 2>&1; touch /scratch/y && echo ok; touch /dev/shm/z
            for file in hosts hostname resolv.conf; do
                ( echo x >> /etc/$file ) 2>/dev/null && echo $file was written; done
            """
        )
        spec.readOnlyRoot = true
        spec.mounts = [
            MountSpec(source: .tmpfs(sizeBytes: 1 << 20, mode: nil), target: "/scratch")
        ]
        let run = try await bench.run(spec)
        #expect(run.output == "touch: /x: Read-only file system\nok\n")
        #expect(run.errors == "")
    }

    @Test("binds and volumes are mounted, deep after shallow, made where they are missing")
    func mounts() async throws {
        let host = bench.root.appending("host")
        let volume = bench.root.appending("volume")
        for folder in [host, volume] { try makeDirectories(folder, mode: 0o755) }
        try atomicWrite(Array("from the host\n".utf8), to: host.appending("f"), synced: false)
        var spec = try bench.shell(
            "cat /new/place/f; echo v > /new/place/deep/file; echo x > /new/place/g 2>&1; cat /one"
        )
        spec.mounts = [
            MountSpec(
                source: .volume(name: "v", copiesImageContent: false),
                target: "/new/place/deep"
            ),
            MountSpec(
                source: .bind(path: host.string, create: false),
                target: "/new/place",
                readOnly: true
            ),
            MountSpec(
                source: .bind(path: host.appending("f").string, create: false),
                target: "/one"
            ),
        ]
        try makeDirectories(host.appending("deep"), mode: 0o755)
        var placement = bench.placement()
        placement.volumes = ["v": volume]
        let run = try await bench.run(spec, at: placement)
        #expect(run.output == "from the host\nfrom the host\n")
        #expect(run.errors.contains("Read-only file system"))
        #expect(try readFile(volume.appending("file"), limit: 10) == Array("v\n".utf8))
    }

    @Test("a new volume takes the image's content, its owners and links; a used one does not")
    func volumeContent() async throws {
        try makeDirectories(bench.layer.appending("data/sub"), mode: 0o755)
        try bench.write("one\n", to: "data/sub/file")
        chown(bench.layer.appending("data").string, 1000, 1000)
        symlink("sub/file", bench.layer.appending("data/link").string)
        link(
            bench.layer.appending("data/sub/file").string,
            bench.layer.appending("data/sub/second").string
        )
        let volume = bench.root.appending("volumes/v/_data")
        try makeDirectories(volume, mode: 0o755)
        var spec = try bench.shell(
            "cat /data/link; stat -c %u /data; stat -c %h /data/sub/file; rm -r /data/sub"
        )
        spec.mounts = [
            MountSpec(source: .volume(name: "v", copiesImageContent: true), target: "/data")
        ]
        var placement = bench.placement()
        placement.volumes = ["v": volume]
        #expect(try await bench.run(spec, at: placement).output == "one\n1000\n2\n")
        spec.process.arguments = ["/bin/ls", "/data"]
        var second = bench.placement()
        second.volumes = ["v": volume]
        #expect(try await bench.run(spec, at: second).output == "link\n")
    }

    @Test("a created container waits, and can be aborted")
    func aborted() async throws {
        let placement = bench.placement()
        let created = try await bench.runtime.create(bench.shell("echo never"), at: placement)
        let pid = created.initPID
        #expect(kill(pid, 0) == 0)
        await created.abort()
        #expect(kill(pid, 0) != 0)
        #expect(try bench.entries(placement).isEmpty)
        #expect(try bench.runtime.exitRecord(in: placement.directory) == nil)
    }
}
