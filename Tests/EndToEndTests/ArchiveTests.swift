import Foundation
import Testing
import TestSupport

/// Images and containers on their way to other machines and tools, through the real program.
@Suite("root: archives", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct ArchiveTests {
    static func isInstalled(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }

    /// Imports an image with a busybox and nothing else.
    private func makeImage(_ name: String, on machine: TestMachine) async throws -> String {
        let script = """
            set -e
            mkdir -p base/bin base/etc base/data
            cp "$(command -v busybox)" base/bin/busybox
            for word in sh cat sleep rm mkdir true; do ln -sf busybox base/bin/$word; done
            echo old > base/etc/motd
            tar -C base -c . | "$0" import -c 'CMD ["sleep", "1000"]' - \(name)
            """
        let berth = TestMachine.berth
        let made = try await machine.run(["/bin/sh", "-c", script, berth])
        try #require(made.status == 0, "\(made.err)")
        return made.out.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(
        "a running container is committed and exported; the image runs elsewhere after save and load"
    )
    func classicSequence() async throws {
        try await TestMachine.with { machine in
            _ = try await makeImage("base:1", on: machine)
            try machine.write(
                """
                services:
                  app: {image: base:1, volumes: [kept:/data]}
                volumes: {kept: {}}
                """
            )
            #expect(try await machine.berth("up", "-d").status == 0)
            let change = "echo new > /etc/made; rm /etc/motd; echo secret > /data/kept"
            #expect(try await machine.berth("exec", "-T", "app", "sh", "-c", change).status == 0)

            let commit = try await machine.berth(
                "commit",
                "-m",
                "changed",
                "-c",
                "ENV COLOUR=blue",
                "app",
                "made:1"
            )
            #expect(commit.status == 0, "\(commit.err)")
            #expect(commit.out.hasPrefix("sha256:"))
            // It goes on after it was paused.
            #expect(try await machine.berth("exec", "-T", "app", "true").status == 0)

            let export = try await machine.berth("export", "-o", "app.tar", "app")
            #expect(export.status == 0, "\(export.err)")
            let listed = try await machine.run(["/bin/tar", "-tf", "app.tar"])
            #expect(listed.lines.contains("etc/made"))
            #expect(listed.lines.contains("data/"))
            #expect(!listed.lines.contains("data/kept"))
            #expect(!listed.lines.contains("etc/motd"))

            #expect(try await machine.berth("save", "-o", "made.tar", "made:1").status == 0)
            try await machine.berth("down", "-v", "-t", "0")
            let elsewhere = [
                "BERTH_ROOT": machine.folder.path() + "/there",
                "BERTH_RUN": machine.folder.path() + "/there-run",
            ]
            let load = try await machine.berth(
                "load",
                "-q",
                "-i",
                "made.tar",
                environment: elsewhere
            )
            #expect(load.out == "Loaded image: made:1\n")
            try machine.write("services: {app: {image: made:1}}\n")
            let up = try await machine.berth("up", "-d", environment: elsewhere)
            #expect(up.status == 0, "\(up.err)")
            let look = "cat /etc/made; echo $COLOUR; test -e /etc/motd || echo gone"
            let seen = try await machine.berth(
                "exec",
                "-T",
                "app",
                "sh",
                "-c",
                look,
                environment: elsewhere
            )
            #expect(seen.out == "new\nblue\ngone\n", "\(seen.err)")
            try await machine.berth("down", "-t", "0", environment: elsewhere)
            #expect(try await machine.berth("system", "check", environment: elsewhere).status == 0)
        }
    }

    /// Each way through skopeo: from what `save` wrote into something that `load` reads.
    @Test(
        "skopeo reads what save wrote, load reads what skopeo wrote, and the image is the same",
        .enabled(if: isInstalled("skopeo"), "needs skopeo"),
        arguments: ["docker-archive:", "oci-archive:"],
        ["docker-archive:back.tar:back:1", "oci-archive:back.tar:back:1", "oci:back:back:1"]
    )
    func skopeo(source: String, target: String) async throws {
        try await TestMachine.with { machine in
            let id = try await makeImage("base:1", on: machine)
            #expect(try await machine.berth("save", "-o", "base.tar", "base:1").status == 0)
            let copy = try await machine.run([
                "/usr/bin/skopeo", "--insecure-policy", "copy", "-q", source + "base.tar", target,
            ])
            try #require(copy.status == 0, "\(copy.err)")
            let path = target.split(separator: ":")[1]
            let load = try await machine.berth("load", "-q", "-i", String(path))
            #expect(load.out == "Loaded image: back:1\n", "\(load.err)")
            // skopeo compresses layers as it likes: what they unpack to is what counts.
            let layers = "{{json .RootFS.Layers}}"
            let before = try await machine.berth("inspect", "-f", layers, "base:1")
            let after = try await machine.berth("inspect", "-f", layers, "back:1")
            #expect(before.out == after.out && before.out.hasPrefix("[\"sha256:"))
            // From a docker archive to an OCI layout skopeo writes the configuration again.
            if source.hasPrefix("oci") || target.hasPrefix("docker") {
                let again = try await machine.berth("inspect", "-f", "{{.Id}}", "back:1")
                #expect(again.out == id + "\n", "\(again.err)")
            }
        }
    }

    @Test(
        "umoci unpacks the tree that image mount shows",
        .enabled(if: isInstalled("umoci"), "needs umoci")
    )
    func umoci() async throws {
        try await TestMachine.with { machine in
            _ = try await makeImage("base:1", on: machine)
            let script = """
                set -e
                "$0" save base:1 | (mkdir layout && tar -C layout -x)
                umoci unpack --image layout:1 bundle >&2
                at=$("$0" image mount base:1)
                list() { (cd "$1" && find . -printf '%y %m %U:%G %p %l %T@\\n' | sort); }
                list bundle/rootfs > theirs
                list "$at" > ours
                "$0" image unmount base:1 >&2
                diff theirs ours && wc -l < ours
                """
            let berth = TestMachine.berth
            let compared = try await machine.run([
                "/bin/bash", "-o", "pipefail", "-c", script, berth,
            ])
            #expect(compared.status == 0, "\(compared.out)\(compared.err)")
            #expect(Int(compared.out.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 8)
        }
    }
}
