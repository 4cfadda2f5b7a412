import TestSupport
import Testing

/// Machines whose mounts pass on to each other what is mounted below them.
@Suite("root: shared mounts", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct SharedMountTests {
    @Test("images come and containers run where mounts are shared, as systemd makes them")
    func shared() async throws {
        try await TestMachine.with { machine in
            let script = """
                mkdir -p base/bin; cp "$(command -v busybox)" base/bin/sh
                tar -C base -c . | "$0" image import - box >&2 &&
                "$0" docker run --rm --network none box /bin/sh -c 'echo hi'
                """
            let run = try await machine.run(
                ["/usr/bin/unshare", "-m", "--propagation", "shared", "/bin/sh", "-c", script]
                    + [TestMachine.berth]
            )
            #expect(run.out == "hi\n", "\(run.err)")
        }
    }
}
