import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// Containers whose root is not the host's root.
@Suite("root: users of one's own", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct OwnUsersTests {
    /// A box with what asks who it is, and a folder of the host that holds what only root may read.
    private func with(_ body: (TestMachine, String) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh id cat chown ping nc stat mknod mount touch su sleep ls hostname chmod mv ip",
                as: "box:1",
                preparing: """
                    mkdir -p base/etc; echo root::0:0::/:/bin/sh > base/etc/passwd
                    echo root::0: > base/etc/group; rm base/bin/su
                    cp base/bin/busybox base/bin/su; chmod 4755 base/bin/su
                    """
            )
            let host = machine.folder.path() + "/host"
            let made = try await machine.run([
                "sh", "-c", "mkdir \(host); echo secret > \(host)/file; chmod 600 \(host)/file",
            ])
            #expect(made.status == 0, "\(made.err)")
            try await body(machine, host)
        }
    }

    /// The same, and a container `cc` that has the folder and a volume.
    private func withOne(_ body: (TestMachine, String) async throws -> Void) async throws {
        try await with { machine, host in
            try await start(machine, host, "cc")
            try await body(machine, host)
            #expect(try await machine.docker("rm", "-f", "cc").status == 0)
            #expect(try await machine.docker("volume", "rm", "data").status == 0)
        }
    }

    private func file(_ path: String) throws -> SharedFD {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        try #require(number >= 0, "\(path)")
        return SharedFD(taking: number)
    }

    private func start(_ machine: TestMachine, _ host: String, _ name: String) async throws {
        let run = try await machine.docker(
            "run",
            "-d",
            "--name",
            name,
            "--userns",
            "auto",
            "--network",
            "none",
            "-v",
            "\(host):/host",
            "-v",
            "data:/data",
            "box:1",
            "sleep",
            "1000"
        )
        try #require(run.status == 0, "\(run.err)")
    }

    private func inside(_ machine: TestMachine, _ script: String) async throws -> [String] {
        let run = try await machine.docker("exec", "cc", "sh", "-c", script)
        return run.lines + (run.status == 0 ? [] : [run.err])
    }

    @Test("root inside works as root does there, and its number outside is in its range")
    func root() async throws {
        try await withOne { machine, host in
            let seen = try await inside(
                machine,
                """
                id -u; touch /file /data/file; chown 1000:1001 /file; stat -c %u:%g /file /data /etc/hosts
                ping -c 1 127.0.0.1 > /dev/null && echo ping
                nc -l -p 80 -e echo port & until nc 127.0.0.1 80 2> /dev/null; do :; done
                echo out > /dev/stdout
                touch /dev/shm/x /dev/x && stat -c %u /dev/shm/x /dev/null /dev/pts/ptmx
                """
            )
            #expect(
                seen == [
                    "0", "1000:1001", "0:0", "0:0", "ping", "port", "out", "0", "0", "0",
                ]
            )
            let pid =
                try await machine.docker("inspect", "-f", "{{.State.Pid}}", "cc").lines.first ?? ""
            let outside = try await machine.run([
                "sh", "-c",
                """
                awk '/^Uid/ {print ($2 >= 65536) " " ($2 == $5)}' /proc/\(pid)/status
                stat -c %u:%g root/containers/*/upper/file root/volumes/data/_data/file
                """,
            ])
            #expect(outside.lines == ["1 1", "1000:1001", "0:0"], "\(outside.err)")
            let mode = try await machine.docker("inspect", "-f", "{{.HostConfig.UsernsMode}}", "cc")
            #expect(mode.out == "auto\n")
            #expect(try await machine.docker("restart", "-t", "0", "cc").status == 0)
            #expect(try await inside(machine, "stat -c %u:%g /file") == ["1000:1001"])
        }
    }

    @Test("root inside has no power over a file of the host's root, nor over the machine")
    func attack() async throws {
        try await withOne { machine, host in
            let tries = [
                "cat /host/file", "echo x > /host/file", "chown 0:0 /host/file",
                "chmod 666 /host/file",
                "mv /host/file /host/other", "touch /host/new", "mknod /node c 1 3",
                "mount -t tmpfs none /data", "mount -t proc none /data", "mount -o remount,rw /sys",
                "echo 1 > /proc/sys/kernel/core_pattern", "hostname x",
                "ls /proc/1/../1/root/../../host/x",
            ]
            for attempt in tries {
                let run = try await machine.docker("exec", "cc", "sh", "-c", attempt)
                #expect(run.status != 0, "\(attempt): \(run.out)")
            }
            #expect(try await inside(machine, "stat -c %u /host/file") == ["65534"])
            let file = try await machine.run(["sh", "-c", "stat -c %u:%a host/file; cat host/file"])
            #expect(file.lines == ["0:600", "secret"], "\(file.err)")
        }
    }

    @Test("exec, terminals and copies know the container's users")
    func entering() async throws {
        try await withOne { machine, host in
            let other = try await machine.docker("exec", "-u", "1000:1000", "cc", "id", "-u")
            #expect(other.out == "1000\n", "\(other.err)")
            // A program that is root's and set-user-ID, as package managers need them.
            let raised = try await machine.docker(
                "exec",
                "-u",
                "1000",
                "cc",
                "/bin/su",
                "-c",
                "id -u"
            )
            #expect(raised.out == "0\n", "\(raised.err)")
            #expect(
                try await machine.run(["sh", "-c", "echo hello > f; chown 33:44 f"]).status == 0
            )
            let copied = try await machine.docker("cp", machine.folder.path() + "/f", "cc:/f")
            #expect(copied.status == 0, "\(copied.err)")
            #expect(try await inside(machine, "stat -c %u:%g /f; cat /f") == ["33:44", "hello"])
            let back = try await machine.docker(
                "cp",
                "-a",
                "cc:/f",
                machine.folder.path() + "/back"
            )
            #expect(back.status == 0, "\(back.err)")
            let tar = "\(TestMachine.berth) docker cp cc:/f - | tar -tvf - --numeric-owner"
            let owners = try await machine.run(["sh", "-c", "stat -c %u:%g back; \(tar)"])
            #expect(owners.lines.first == "33:44" && owners.out.contains("33/44"), "\(owners)")
            // Without -a a copy is the caller's.
            let plain = try await machine.docker("cp", "cc:/f", machine.folder.path() + "/plain")
            #expect(plain.status == 0, "\(plain.err)")
            #expect(try await machine.run(["stat", "-c", "%u:%g", "plain"]).out == "0:0\n")
            // The host's root, who is nobody inside.
            let foreign = try await machine.run([
                "sh", "-c",
                "\(TestMachine.berth) docker cp cc:/host/file - | tar -tvf - --numeric-owner",
            ])
            #expect(foreign.out.contains("65534/65534"), "\(foreign)")
        }
    }

    @Test("capabilities of a program are those of the container's root, and copied as such")
    func capabilities() async throws {
        try await withOne { machine, host in
            // Revision 2 with the bit that makes them effective: CAP_NET_RAW.
            let raw: [UInt8] = [1, 0, 0, 2, 0, 0x20, 0, 0] + [UInt8](repeating: 0, count: 12)
            let name = "security.capability"
            let program = machine.folder.path() + "/busybox-raw"
            let box = try await machine.run(["sh", "-c", "cp base/bin/busybox busybox-raw"])
            try #require(box.status == 0, "\(box.err)")
            try file(program).setExtendedAttribute(name, to: raw, subject: program)
            #expect(try await machine.docker("cp", program, "cc:/bin/busybox-raw").status == 0)
            let held = try await machine.docker(
                "exec",
                "-u",
                "1000",
                "cc",
                "/bin/busybox-raw",
                "grep",
                "CapEff",
                "/proc/self/status"
            )
            #expect(held.out == "CapEff:\t0000000000002000\n", "\(held.err)")
            let back = machine.folder.path() + "/busybox-back"
            #expect(try await machine.docker("cp", "-a", "cc:/bin/busybox-raw", back).status == 0)
            #expect(try file(back).extendedAttribute(name, subject: back) == raw)
        }
    }

    @Test(
        "what a memory file system is told, and what a volume holds, is meant as the container knows it"
    )
    func mounts() async throws {
        try await with { machine, host in
            let first = try await machine.docker(
                "run",
                "--rm",
                "--userns",
                "auto",
                "--network",
                "none",
                "-v",
                "data:/data",
                "--tmpfs",
                "/t:uid=1000,gid=1001,mode=700",
                "box:1",
                "sh",
                "-c",
                "stat -c %u:%g /t; touch /data/f; chown 5:6 /data/f"
            )
            #expect(first.out == "1000:1001\n", "\(first.err)")
            // One with the host's users has the same volume.
            let second = try await machine.docker(
                "run",
                "--rm",
                "--network",
                "none",
                "-v",
                "data:/data",
                "box:1",
                "stat",
                "-c",
                "%u:%g",
                "/data/f"
            )
            #expect(second.out == "5:6\n", "\(second.err)")
            // A volume that is a folder of the host stays the host's.
            let made = try await machine.docker(
                "volume",
                "create",
                "-o",
                "type=none",
                "-o",
                "o=bind",
                "-o",
                "device=\(host)",
                "outer"
            )
            #expect(made.status == 0, "\(made.err)")
            let outer = try await machine.docker(
                "run",
                "--rm",
                "--userns",
                "auto",
                "--network",
                "none",
                "-v",
                "outer:/data",
                "box:1",
                "sh",
                "-c",
                "stat -c %u /data/file; cat /data/file"
            )
            #expect(outer.status != 0 && outer.out == "65534\n", "\(outer)")
            #expect(try await machine.docker("volume", "rm", "data", "outer").status == 0)
        }
    }

    @Test("no two that run have a range in common, and what does not go with it is refused")
    func ranges() async throws {
        try await with { machine, host in
            try await start(machine, host, "c1")
            try await start(machine, host, "c2")
            let maps = try await machine.run([
                "sh", "-c",
                """
                for c in c1 c2; do \(TestMachine.berth) docker exec $c cat /proc/self/uid_map; done | sort -u | wc -l
                """,
            ])
            #expect(maps.lines == ["2"], "\(maps.err)")
            let networks = try await machine.docker("ps", "--format", "{{.Networks}}")
            #expect(networks.lines == ["none", "none"], "\(networks)")
            for (flag, words) in [
                ("--privileged", "privileged mode is incompatible with user namespaces"),
                ("--network=host", "cannot share the host's network namespace"),
                ("--pid=host", "cannot share the host PID namespace"),
            ] {
                let run = try await machine.docker("run", "--userns", "auto", flag, "box:1", "id")
                #expect(run.status == 125 && run.err.contains(words), "\(run.err)")
            }
            let user = try await machine.docker(
                "run",
                "--rm",
                "--userns",
                "auto",
                "--user",
                "70000",
                "box:1",
                "id"
            )
            #expect(user.status != 0 && user.err.contains("cannot be user 70000"), "\(user.err)")
            for name in ["keep-id", "nomap", "private"] {
                let run = try await machine.docker("run", "--userns", name, "box:1", "id")
                #expect(run.status == 125 && run.err.contains("invalid USER mode"), "\(run.err)")
            }
            #expect(try await machine.docker("rm", "-f", "c1", "c2").status == 0)
            #expect(try await machine.docker("volume", "rm", "data").status == 0)
        }
    }

    @Test(
        "lines of the administrator's that overlap, or grant users alone, give nobody what another one has",
        .enabled(
            if: access("/etc/subuid", F_OK) == 0 && access("/etc/subgid", F_OK) == 0,
            "no subuid(5)"
        ),
        arguments: [
            ("berth:2000000:65536\\nberth:2030000:65536", "berth:2000000:131072", 1),
            ("berth:2000000:131072", "", 2),
        ]
    )
    func overlapping(users: String, groups: String, count: Int) async throws {
        try await with { machine, _ in
            let run =
                "\(TestMachine.berth) docker run -d --userns auto --network none box:1 sleep 1000"
            let outcome = try await machine.run([
                "unshare", "-m", "sh", "-c",
                """
                printf '\(users)\\n' > subuid; printf '\(groups)\\n' > subgid
                mount --bind subuid /etc/subuid; mount --bind subgid /etc/subgid
                for n in 1 2 3; do \(run) > /dev/null 2> refusal || break; done
                for c in $(\(TestMachine.berth) docker ps -q); do
                    \(TestMachine.berth) docker exec $c cat /proc/self/uid_map /proc/self/gid_map
                done
                cat refusal; \(TestMachine.berth) docker rm -f $(\(TestMachine.berth) docker ps -aq) > /dev/null
                """,
            ])
            let starts = outcome.lines.compactMap { line -> Substring? in
                let numbers = line.split(separator: " ")
                return numbers.count == 3 && numbers[0] == "0" ? numbers[1] : nil
            }
            #expect(starts.count == 2 * count, "\(outcome)")
            // Of each container that of its users, then that of its groups.
            for kind in 0...1 {
                let own = starts.indices.filter { $0 % 2 == kind }.map { starts[$0] }
                #expect(Set(own).count == own.count, "\(outcome)")
            }
            #expect(outcome.out.contains("ranges of users is another container's"), "\(outcome)")
        }
    }
}
