import Foundation
import Testing
import TestSupport

/// Limits, devices and privileges of a compose file, seen from inside.
@Suite("root: limits and privileges", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct LimitTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh sleep echo true cat ls id df tail tr cut grep mkdir stat head wc",
                preparing: "mkdir -p base/etc; echo audio:x:29: > base/etc/group"
            )
            try await body(machine)
        }
    }

    @Test("what a service may use is what its file says")
    func limits() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sh, -c, "exec sleep 1000"]
                    stop_grace_period: 0s
                    deploy: {resources: {limits: {cpus: "0.5", memory: 64m, pids: 33}}}
                    mem_reservation: 32m
                    ulimits: {nofile: {soft: 500, hard: 600}}
                    group_add: [audio, 4242]
                    shm_size: 1m
                    oom_score_adj: 300
                    domainname: example.org
                    devices: ["/dev/zero:/dev/deep/zero:r"]
                    security_opt: [no-new-privileges, "systempaths=unconfined"]
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let seen = try await machine.berth(
                "exec",
                "web",
                "sh",
                "-c",
                """
                ulimit -n; id -G; df /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2
                cat /proc/self/oom_score_adj /proc/sys/kernel/domainname
                grep NoNewPrivs /proc/self/status; head -c 2 /dev/deep/zero | wc -c
                cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max
                cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max
                """
            )
            #expect(
                seen.lines == [
                    "500", "0 29 4242", "1024", "300", "example.org", "NoNewPrivs:\t1", "2",
                    "67108864", "33",
                ],
                "\(seen.err)"
            )
        }
    }

    @Test("a changed limit recreates the container, and plan says why")
    func changed() async throws {
        try await with { machine in
            let file = { (limit: String) in
                "services: {web: {image: box, command: [sleep, '1000'], stop_grace_period: 0s, \(limit)}}"
            }
            try machine.write(file("mem_limit: 64m"))
            try #require(try await machine.berth("up", "-d").status == 0)
            try machine.write(file("mem_limit: 65m"))
            let plan = try await machine.berth("plan")
            #expect(plan.out.contains("mem_limit: 67108864 → 68157440"), "\(plan.out)")
            try machine.write(file("mem_limit: 64m"))
            let again = try await machine.berth("plan")
            #expect(!again.out.contains("web"), "\(again.out)")
        }
    }

    @Test("what the machine cannot give is told by up, and the container runs")
    func told() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    security_opt: ["apparmor=berth-nope"]
                """
            )
            let enabled = FileManager.default.contents(
                atPath: "/sys/module/apparmor/parameters/enabled"
            )
            let up = try await machine.berth("up", "-d")
            if enabled?.first == UInt8(ascii: "Y") {
                #expect(up.status != 0)
                #expect(up.err.contains("AppArmor profile berth-nope"), "\(up.err)")
            } else {
                #expect(up.status == 0)
                #expect(
                    up.err.contains(
                        "web-1: the AppArmor profile berth-nope is not applied: this kernel has no"
                    ),
                    "\(up.err)"
                )
            }
        }
    }

    @Test("what the machine cannot have fails the start with the reason, and nothing is left")
    func refused() async throws {
        try await with { machine in
            for (attribute, words) in [
                (
                    "devices: [/dev/berth-nope]",
                    "devices: /dev/berth-nope: no such file or directory"
                ),
                ("cpus: 4095", "range of CPUs is from 0.01 to"),
                ("cpuset: '4095'", "requested CPUs are not available"),
                ("group_add: [nobody-has-it]", "no group \"nobody-has-it\""),
            ] {
                try machine.write(
                    "services: {web: {image: box, command: [sleep, '1000'], \(attribute)}}"
                )
                let up = try await machine.berth("up", "-d")
                #expect(up.status == 1, "\(attribute)")
                #expect(up.err.contains(words), "\(up.err)")
            }
        }
    }

    @Test("a privileged service can do what others cannot, and a profile of its own decides")
    func privileged() async throws {
        try await with { machine in
            try machine.write(
                """
                {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
                [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
                """,
                to: "profile.json"
            )
            try machine.write(
                """
                services:
                  open:
                    image: box
                    privileged: true
                    command: [sh, -c, "exec sleep 1000"]
                    stop_grace_period: 0s
                  closed:
                    image: box
                    security_opt: ["seccomp=./profile.json"]
                    command: [sh, -c, "exec sleep 1000"]
                    stop_grace_period: 0s
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let status = "grep Seccomp: /proc/self/status; mkdir /made || echo denied"
            let open = try await machine.berth("exec", "open", "sh", "-c", status)
            #expect(open.lines == ["Seccomp:\t0"], "\(open.err)")
            let closed = try await machine.berth("exec", "closed", "sh", "-c", status)
            #expect(closed.lines == ["Seccomp:\t2", "denied"], "\(closed.err)")
        }
    }
}
