import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@Suite("the sandbox", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct SandboxTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    @Test("root has Docker's capabilities, none of them inheritable or ambient")
    func capabilities() async throws {
        let run = try await bench.run(bench.shell("grep Cap /proc/self/status"))
        #expect(
            run.output == """
                CapInh:\t0000000000000000
                CapPrm:\t00000000a80425fb
                CapEff:\t00000000a80425fb
                CapBnd:\t00000000a80425fb
                CapAmb:\t0000000000000000

                """
        )
    }

    @Test("the filter is installed and denies")
    func seccomp() async throws {
        let run = try await bench.run(
            bench.shell("grep Seccomp: /proc/self/status; unshare -U true 2>&1; echo $?")
        )
        #expect(run.output.hasPrefix("Seccomp:\t2\n"))
        #expect(run.output.contains("Operation not permitted"))
    }

    @Test("no_new_privs is off unless asked for")
    func noNewPrivileges() async throws {
        var spec = try bench.shell("grep NoNewPrivs /proc/self/status")
        #expect(try await bench.run(spec).output == "NoNewPrivs:\t0\n")
        spec.security.noNewPrivileges = true
        #expect(try await bench.run(spec).output == "NoNewPrivs:\t1\n")
    }

    @Test("masked paths show nothing")
    func masked() async throws {
        let run = try await bench.run(
            bench.shell("cat /proc/keys /proc/timer_list | wc -c; ls /sys/firmware | wc -l")
        )
        #expect(run.output == "0\n0\n")
    }

    @Test(
        "nothing of the kernel can be written",
        arguments: [
            "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/swappiness",
            "/proc/irq/default_smp_affinity", "/sys/kernel/uevent_helper",
            "/sys/kernel/mm/transparent_hugepage/enabled",
        ]
    )
    func kernelFiles(path: String) async throws {
        let run = try await bench.run(
            bench.shell("test -e \(path) || echo absent; echo x > \(path); exit 0")
        )
        #expect(
            run.errors.contains("Read-only file system") || run.errors.contains("denied")
                || run.errors.contains("not permitted") || run.output == "absent\n"
        )
    }

    @Test("/dev is ours")
    func devices() async throws {
        let run = try await bench.run(
            bench.shell(
                """
                cd /dev; ls; readlink fd; readlink ptmx
                for d in null zero full random urandom tty; do stat -c '%n %t:%T %a' $d; done
                """
            )
        )
        let text = run.output
        for name in ["null 1:3 666", "zero 1:5 666", "full 1:7 666", "tty 5:0 666"] {
            #expect(text.contains(name))
        }
        #expect(text.contains("/proc/self/fd\npts/ptmx\n"))
        #expect(!text.contains("vda") && !text.contains("kmsg"))
    }

    @Test("its limits are systemd's, as far as they can be raised")
    func limits() async throws {
        let run = try await bench.run(bench.shell("ulimit -Sn; ulimit -c"))
        #expect(run.output == "1024\n0\n")
    }

    @Test("a limit that cannot be raised is a warning")
    func warning() async throws {
        var spec = try bench.shell("ulimit -Hn")
        spec.process.resourceLimits = [
            ResourceLimit(name: "nofile", soft: 100, hard: 1 << 40)
        ]
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        _ = try await running.wait()
        #expect(running.warnings.contains { $0.contains("could not set the limit nofile") })
    }

    @Test("with its own init the program is not process 1, and orphans are reaped")
    func ownInit() async throws {
        var spec = try bench.shell(
            """
            (setsid sh -c 'sleep 0.1' &) ; sleep 0.3
            ps | grep -c '\\[' ; ps | grep -c ' 1 .*berth-init' ; echo $$; kill -TERM 1
            sleep 5
            """
        )
        spec.usesInit = true
        let run = try await bench.run(spec)
        let lines = run.output.split(separator: "\n")
        #expect(lines.last.map { $0 != "1" } == true)
        #expect(run.record.code == 128 + SIGTERM)
    }
}
