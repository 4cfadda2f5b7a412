import Foundation
import TestSupport
import Testing

/// Volumes of the driver `local` with options, and parts of mounts.
@Suite("root: options of volumes", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct VolumeOptionTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat mount echo ls mkdir ln")
            try await body(machine)
        }
    }

    private func inside(_ machine: TestMachine, _ script: String) async throws -> String {
        let run = try await machine.berth("exec", "-T", "web", "sh", "-c", script)
        return run.out + run.err
    }

    private func project(_ mount: String, _ declared: String) -> String {
        """
        services:
          web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, volumes: [\(mount)]}
        volumes: {data: {\(declared)}}
        """
    }

    @Test("a volume may be a folder of the host, which stays when the volume goes")
    func folder() async throws {
        try await with { machine in
            try machine.write("seen", to: "host/file")
            try machine.write(
                project("'data:/data'", "driver_opts: {type: none, o: bind, device: ./host}")
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try await inside(machine, "cat /data/file; echo back > /data/new") == "seen")
            let again = try await machine.berth("plan")
            #expect(again.out.hasPrefix("up to date"), "\(again.out)\(again.err)")
            #expect(try await machine.berth("down", "-v").status == 0)
            #expect(try await machine.run(["cat", "host/new"]).out == "back\n")
        }
    }

    @Test("a folder of the host that is not there is an error that names it")
    func missingFolder() async throws {
        try await with { machine in
            try machine.write(
                project("'data:/data'", "driver_opts: {type: none, o: bind, device: ./gone}")
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status != 0)
            #expect(up.err.contains("/gone does not exist"), "\(up.err)")
        }
    }

    @Test("a volume in memory is one for all its containers, as large as it was asked to be")
    func memory() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, volumes: ['mm:/m']}
                  two: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, volumes: ['mm:/m']}
                volumes: {mm: {driver_opts: {type: tmpfs, device: tmpfs, o: "size=1m,nosuid"}}}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try await inside(machine, "echo shared > /m/file") == "")
            let other = try await machine.berth("exec", "-T", "two", "cat", "/m/file")
            #expect(other.out == "shared\n", "\(other.err)")
            let mounts = try await inside(machine, "mount")
            #expect(mounts.contains(" on /m type tmpfs"), "\(mounts)")
            #expect(mounts.contains("size=1024k"), "\(mounts)")
            #expect(try await machine.berth("down").status == 0)
            let left = try await machine.run(["cat", "/proc/self/mounts"]).out
            #expect(!left.contains(machine.folder.path() + "/root"), "\(left)")
        }
    }

    @Test(
        "what cannot be mounted is told in docker's words, without a password",
        arguments: [
            ("type: nosuchfs, device: 'host:/x'", ": no such device"),
            ("type: nosuchfs, device: x", "this kernel has no file system `nosuchfs`"),
            (
                "type: nosuchfs, device: x, o: 'user=a,password=horse'",
                "data: user=a,password=********: no such device"
            ),
            ("type: tmpfs, device: tmpfs, o: 'size=1m,bogus'", "data: size=1m,bogus: invalid"),
            (
                "type: nfs, device: ':/x', o: 'addr=no.such.host.invalid'",
                "error resolving passed in network volume address: lookup no.such.host.invalid"
            ),
        ]
    )
    func unknown(options: String, words: String) async throws {
        try await with { machine in
            try machine.write(project("'data:/data'", "driver_opts: {\(options)}"))
            let up = try await machine.berth("up", "-d")
            #expect(up.status != 0)
            #expect(up.err.contains(words), "\(up.err)")
            #expect(!up.err.contains("horse"), "\(up.err)")
        }
    }

    @Test("an overlay of folders of the host is a volume")
    func overlay() async throws {
        try await with { machine in
            for name in ["upper", "work"] {
                #expect(try await machine.run(["mkdir", name]).status == 0)
            }
            try machine.write("below", to: "lower/file")
            let place = machine.folder.path()
            let options =
                "lowerdir=\(place)/lower,upperdir=\(place)/upper,workdir=\(place)/work"
            try machine.write(
                project(
                    "'data:/data'",
                    "driver_opts: {type: overlay, device: overlay, o: '\(options)'}"
                )
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try await inside(machine, "cat /data/file; echo new > /data/new") == "below")
            #expect(try await machine.run(["cat", "upper/new"]).out == "new\n")
        }
    }

    @Test("a folder of a volume is mounted alone, and links in the volume lead nowhere else")
    func subpath() async throws {
        try await with { machine in
            try machine.write(project("'data:/data'", ""))
            #expect(try await machine.berth("up", "-d").status == 0)
            let fill = "mkdir -p /data/a/b; echo deep > /data/a/b/f; ln -s /etc /data/out"
            _ = try await inside(machine, fill)
            let part = { (path: String) in
                self.project(
                    "{type: volume, source: data, target: /part, volume: {subpath: \(path)}}",
                    ""
                )
            }
            try machine.write(part("a/b"))
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try await inside(machine, "cat /part/f") == "deep\n")
            for path in ["gone", "out"] {
                try machine.write(part(path))
                let refused = try await machine.berth("up", "-d")
                #expect(refused.status != 0)
                #expect(
                    refused.err.contains("cannot mount \(path) of volume"),
                    "\(refused.err)"
                )
            }
        }
    }

    @Test("a short tmpfs has owner, size and flags as asked for")
    func shortTmpfs() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    tmpfs: ["/t:size=1m,uid=1000,gid=50,mode=0750,exec", "/u"]
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            let lines = try await inside(machine, "mount").split(separator: "\n")
            let own = try #require(lines.first { $0.contains(" on /t type tmpfs") })
            for word in ["size=1024k", "uid=1000", "gid=50", "mode=750", "nosuid", "nodev"] {
                #expect(own.contains(word), "\(own)")
            }
            #expect(!own.contains("noexec"))
            let usual = try #require(lines.first { $0.contains(" on /u type tmpfs") })
            #expect(usual.contains("noexec"), "\(usual)")
        }
    }
}
