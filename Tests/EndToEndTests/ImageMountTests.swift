import Foundation
import TestSupport
import Testing

/// Images that are mounted: `type: image`, and `--mount type=image`.
@Suite("root: image mounts", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct ImageMountTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat mount echo ls readlink")
            try await makeTool(machine, "one")
            try await body(machine)
        }
    }

    /// Image `tool:1`, with a file of these words and links of all kinds.
    private func makeTool(_ machine: TestMachine, _ words: String) async throws {
        let script = """
            rm -rf tool; mkdir -p tool/data/sub; echo \(words) > tool/data/sub/f; cd tool/data
            ln -s /etc/hostname out; ln -s ../../../../etc/hostname up; ln -s sub in; ln -s sub/f file
            cd ../..; tar -C tool -c . | "$0" image import - tool:1
            """
        let made = try await machine.run(["/bin/sh", "-c", script, TestMachine.berth])
        try #require(made.status == 0, "\(made.err)")
    }

    private func project(_ mounts: String...) -> String {
        """
        services:
          web:
            image: box
            command: [sleep, "1000"]
            stop_grace_period: 0s
            network_mode: none
            volumes: [\(mounts.joined(separator: ", "))]
          tool: {image: "tool:1", profiles: [never]}
        """
    }

    private func inside(_ machine: TestMachine, _ script: String) async throws -> String {
        let run = try await machine.berth("exec", "-T", "web", "sh", "-c", script)
        return run.out + run.err
    }

    @Test("shows what an image holds, or a part of it, read-only, and keeps it from being removed")
    func mounted() async throws {
        try await with { machine in
            try machine.write(
                project(
                    "{type: image, source: 'tool:1', target: /whole}",
                    "{type: image, source: tool, target: /part, image: {subpath: data/in}}",
                    "{type: image, source: 'tool:1', target: /file, image: {subpath: data/file}}"
                )
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let seen = try await inside(machine, "cat /whole/data/sub/f /part/f /file")
            #expect(seen == "one\none\none\n")
            let refused = try await inside(machine, "echo two > /part/f")
            #expect(refused.contains("Read-only file system"), "\(refused)")
            #expect(try await inside(machine, "mount").contains(" on /whole type overlay (ro"))
            let plan = try await machine.berth("plan")
            #expect(plan.out.hasPrefix("up to date"), "\(plan.out)\(plan.err)")
            let removal = try await machine.docker("rmi", "tool:1")
            #expect(removal.status == 1)
            #expect(removal.err.contains("is using its referenced image"), "\(removal.err)")
            let pruned = try await machine.docker("image", "prune", "-af")
            #expect(pruned.status == 0, "\(pruned.err)")
            #expect(try await machine.docker("images", "-q", "tool:1").out != "")
            try await makeTool(machine, "two")
            let change = try await machine.berth("plan").out
            #expect(change.contains("image tool:1 at /whole is a newer one"), "\(change)")
            let newer = try await machine.berth("up", "-d")
            #expect(newer.status == 0, "\(newer.err)")
            #expect(try await inside(machine, "cat /part/f") == "two\n")
            #expect(try await machine.berth("down").status == 0)
            #expect(try await machine.docker("rmi", "tool:1").status == 0)
        }
    }

    @Test(
        "links in an image lead nowhere else, and what it does not have is named",
        arguments: ["data/out", "data/up", "gone"]
    )
    func links(path: String) async throws {
        try await with { machine in
            try machine.write(
                project("{type: image, source: tool, target: /m, image: {subpath: \(path)}}")
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status != 0)
            #expect(up.err.contains("cannot mount \(path) of image tool:1"), "\(up.err)")
        }
    }

    @Test("docker run mounts an image, and inspect and ps show it as docker does")
    func standalone() async throws {
        try await with { machine in
            let mount = "type=image,src=tool:1,dst=/m,image-subpath=data"
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "cc",
                "--network",
                "none",
                "--mount",
                mount,
                "box",
                "sleep",
                "1000"
            )
            try #require(run.status == 0, "\(run.err)")
            let other = try await machine.docker(
                "run",
                "--rm",
                "--network",
                "none",
                "--volumes-from",
                "cc",
                "box",
                "cat",
                "/m/sub/f"
            )
            #expect(other.out == "one\n", "\(other.err)")
            let shown = try await machine.docker(
                "inspect",
                "-f",
                "{{json .Mounts}} {{json .HostConfig.Mounts}}",
                "cc"
            )
            #expect(
                shown.out == """
                    [{"Type":"image","Name":"tool:1","Source":"","Destination":"/m","Mode":"",\
                    "RW":false,"Propagation":"rprivate"}] [{"Type":"image","Source":"tool:1",\
                    "Target":"/m","ImageOptions":{"Subpath":"data"}}]

                    """
            )
            let listed = try await machine.docker("ps", "--format", "{{.Mounts}}")
            #expect(listed.out == "tool:1\n")
            _ = try await machine.docker("rm", "-f", "cc")
        }
    }

    @Test(
        "docker's words for a mount that cannot be",
        arguments: [
            ("type=image,dst=/m", "field Source must not be empty"),
            (
                "type=image,src=tool:1,dst=/m,image-subpath=../x",
                "subpath must be a relative path within the volume"
            ),
        ]
    )
    func refused(mount: String, words: String) async throws {
        try await with { machine in
            let run = try await machine.docker("run", "--rm", "--mount", mount, "box", "sh")
            #expect(run.status == 125)
            #expect(
                run.err.contains("invalid mount config for type \"image\": \(words)"),
                "\(run.err)"
            )
        }
    }
}
