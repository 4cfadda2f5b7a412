import Foundation
import TestSupport
import Testing

/// Attacks on commands: by images, by the environment, by what a container does meanwhile.
@Suite(
    "root: attacks",
    .tags(.root),
    .leavesHostAsItWas,
    .enabled(if: isRoot),
    .timeLimit(.minutes(5))
)
struct AttackTests {
    private func docker(
        _ machine: TestMachine,
        _ words: String...,
        path: String? = nil
    ) async throws -> TestMachine.Output {
        let environment = path.map { ["PATH": $0] } ?? [:]
        return try await machine.run(
            [TestMachine.berth, "docker"] + words,
            environment: environment
        )
    }

    @Test("labels of an image make no container another project's (CVE-2026-53488)")
    func labels() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(as: "box")
            let reserved = [
                "com.docker.compose.project=\(machine.project)", "com.docker.compose.service=web",
                "com.docker.compose.container-number=1", "com.docker.compose.oneoff=False",
                "berth.project=\(machine.project)", "io.podman.annotations.privileged=TRUE",
                "cdi.k8s.io/x=vendor.com/device=all", "com.docker.log-driver=binary:///bin/sh",
            ]
            try await machine.importBox(
                "sh sleep grep",
                as: "evil",
                change: "LABEL \(reserved.joined(separator: " "))"
            )
            try machine.write(
                """
                services:
                  web: {image: box, command: [sleep, "1000"], network_mode: none, stop_grace_period: 0s}
                """
            )
            let run = ["run", "-d", "--name", "evil", "--network", "none", "evil", "sleep", "1000"]
            let started = try await machine.run([TestMachine.berth, "docker"] + run)
            #expect(started.status == 0, "\(started.err)")
            #expect(try await machine.berth("ps", "-a", "-q").out == "")
            #expect(try await machine.berth("up", "-d", "--remove-orphans").status == 0)
            #expect(try await machine.berth("ps", "-a", "--format", "{{.Name}}").lines.count == 1)
            let down = try await machine.berth("down", "-t", "0", "--remove-orphans")
            #expect(down.status == 0, "\(down.err)")
            let capabilities = ["exec", "evil", "grep", "CapEff", "/proc/1/status"]
            let seen = try await machine.run([TestMachine.berth, "docker"] + capabilities)
            #expect(seen.out == "CapEff:\t00000000a80425fb\n", "\(seen)")
            #expect(try await docker(machine, "rm", "-f", "evil").status == 0)
        }
    }

    @Test("a name that would be a line of its own in hosts or resolv.conf is refused")
    func lines() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("true", as: "box")
            for words in [
                ["--add-host", "a:1.2.3.4\n6.6.6.6 evil"],
                ["--add-host", "a\n6.6.6.6 evil:1.2.3.4"],
                ["--add-host", "a b:1.2.3.4"], ["--add-host", "a\tb:1.2.3.4"],
                ["--hostname", "h\n6.6.6.6 evil"], ["--hostname", "a b"],
                ["--domainname", "d\n6.6.6.6 evil"], ["--dns", "1.1.1.1\nnameserver 6.6.6.6"],
                ["--dns-search", "x\nnameserver 6.6.6.6"], ["--dns-search", "x y"],
                ["--dns-option", "ndots:1\nnameserver 6.6.6.6"], ["--name", "n\n6.6.6.6 evil"],
            ] {
                let run = ["run", "--rm", "--network", "none"] + words + ["box", "true"]
                let output = try await machine.run([TestMachine.berth, "docker"] + run)
                #expect(output.status == 125, "\(words): \(output)")
            }
        }
    }

    @Test(
        "no program of the caller's PATH or of the container is run (CVE-2019-14271, CVE-2026-41567)"
    )
    func trojans() async throws {
        try await TestMachine.with { machine in
            let canary = machine.folder.appending(path: "canary").path()
            let trojans = machine.folder.appending(path: "trojans").path()
            let names =
                "nft iptables ip mount umount modprobe tar gzip unpigz pigz xz zstd bzip2 sh"
            let plant = """
                mkdir -p $1; for word in \(names); do
                printf '#!/bin/busybox sh\\n/bin/busybox touch \(canary)\\n' > $1/$word; chmod 755 $1/$word
                done
                """
            #expect(try await machine.run(["sh", "-c", plant, "sh", trojans]).status == 0)
            try await machine.importBox(
                "sleep cat",
                as: "box",
                preparing:
                    "cp -r \(trojans) base/sbin; mkdir -p base/usr; cp -r base/sbin base/usr/bin"
            )
            let network = try await docker(machine, "network", "create", "net", path: trojans)
            #expect(network.status == 0, "\(network.err)")
            let run = try await machine.run(
                [TestMachine.berth, "docker", "run", "-d", "--name", "cc", "--network", "net"]
                    + ["-p", "127.0.0.1::80", "box", "/bin/sleep", "1000"],
                environment: ["PATH": trojans]
            )
            #expect(run.status == 0, "\(run.err)")
            try machine.write("hello\n", to: "file")
            for program in ["gzip", "bzip2", "xz"] {
                let script =
                    "tar -cf - file | \(program) | PATH=\(trojans) \(TestMachine.berth) docker cp - cc:/"
                let copy = try await machine.run(["sh", "-c", script])
                #expect(copy.status == 0, "\(program): \(copy.err)")
            }
            let back = try await docker(machine, "cp", "cc:/file", "back", path: trojans)
            #expect(back.status == 0, "\(back.err)")
            #expect(try await docker(machine, "rm", "-f", "cc", path: trojans).status == 0)
            #expect(try await docker(machine, "network", "rm", "net", path: trojans).status == 0)
            #expect(!FileManager.default.fileExists(atPath: canary))
        }
    }

    @Test("links that a container exchanges while files are copied lead nowhere (CVE-2018-15664)")
    func copyRace() async throws {
        let isLong = ProcessInfo.processInfo.environment["BERTH_RACES"] != nil
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep ln rm mkdir", as: "box")
            try machine.write("of the host\n", to: "outside/secret")
            try machine.write("of the caller\n", to: "file")
            let outside = machine.folder.appending(path: "outside").path()
            let loop = "while :; do mkdir /d; rm -rf /d; ln -s \(outside) /d; rm /d; done"
            let run = ["run", "-d", "--name", "cc", "--network", "none", "box", "sh", "-c", loop]
            #expect(try await machine.run([TestMachine.berth, "docker"] + run).status == 0)
            for number in 0..<(isLong ? 2000 : 8) {
                // Each may fail, as it happens.
                _ = try await docker(machine, "cp", "file", "cc:/d/new")
                _ = try await docker(machine, "cp", "cc:/d/secret", "stolen-\(number)")
                _ = try await docker(machine, "cp", "-L", "cc:/d", "folder-\(number)")
            }
            #expect(try await docker(machine, "rm", "-f", "cc").status == 0)
            let files = try FileManager.default.contentsOfDirectory(atPath: outside)
            #expect(files == ["secret"])
            let stolen = try await machine.run(["sh", "-c", "cat stolen-* folder-*/secret; true"])
            #expect(stolen.out == "")
        }
    }

    @Test("device rules hold after an update and after restarts")
    func devices() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep mknod head rm echo", as: "box")
            let run = ["run", "-d", "--name", "cc", "--network", "none", "box", "sleep", "1000"]
            #expect(try await machine.run([TestMachine.berth, "docker"] + run).status == 0)
            let script = """
                for d in 'c 1 1' 'c 1 11' 'b 7 0' 'c 10 229'; do
                    mknod /n $d && { head -c 1 /n 2>&- && echo read $d; }; rm -f /n
                done; head -c 1 /dev/zero >/dev/null && echo done
                """
            for change in [
                [], ["update", "-m", "64m", "--memory-swap", "-1"], ["restart", "-t", "0"],
            ] {
                if !change.isEmpty {
                    let changed = try await machine.run(
                        [TestMachine.berth, "docker"] + change + ["cc"]
                    )
                    #expect(changed.status == 0, "\(change): \(changed.err)")
                }
                let look = try await docker(machine, "exec", "cc", "sh", "-c", script)
                #expect(look.out == "done\n", "\(change): \(look)")
            }
            #expect(try await docker(machine, "rm", "-f", "cc").status == 0)
        }
    }
}
