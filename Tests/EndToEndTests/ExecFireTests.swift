import Foundation
import TestSupport
import Testing

/// Many execs at the same time, and very many bytes. `BERTH_RACES` asks for the long form.
@Suite(
    "root: exec and logs under fire",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(20))
)
struct ExecFireTests {
    private static let isLong = ProcessInfo.processInfo.environment["BERTH_RACES"] != nil

    /// Runs a script of the host beside a container `app`; `$docker` is the command.
    private func run(
        _ script: String,
        flags: String = "",
        command: String = "sleep 100000"
    ) async throws -> TestMachine.Output {
        var output = TestMachine.Output(status: -1, out: "", err: "")
        try await TestMachine.with { machine in
            try await machine.importBox("sh cat sleep seq true", as: "box:1")
            let whole = """
                docker='\(TestMachine.berth) docker'
                $docker run -d --name app --network none \(flags) box:1 \(command) > /dev/null
                \(script)
                """
            output = try await machine.run(["/bin/bash", "-c", whole])
            let gone = try await machine.docker("rm", "-f", "app")
            #expect(gone.status == 0, "\(gone.err)")
        }
        return output
    }

    @Test("very many execs at once end with their own codes, and nothing of them is left")
    func many() async throws {
        let count = Self.isLong ? 500 : 60
        let run = try await run(
            """
            for i in $(seq \(count)); do
                ( $docker exec app sh -c "echo $i; exit $((i % 120))"; echo "$i ended with $?" ) &
            done > all
            wait
            for i in $(seq \(count)); do
                grep -qx $i all && grep -qx "$i ended with $((i % 120))" all || echo "lost $i"
            done
            wc -l < all; $docker top app | tail -n +2 | wc -l
            """
        )
        #expect(run.out == "\(2 * count)\n1\n", "\(run.err.suffix(500))")
    }

    @Test("a gigabyte goes through exec and comes back as it was")
    func gigabyte() async throws {
        let bytes = Self.isLong ? 1 << 30 : 48 << 20
        let run = try await run(
            """
            head -c \(bytes) /dev/urandom > big
            a=$(sha256sum < big); b=$($docker exec -i app cat < big | sha256sum)
            c=$(cat big | $docker exec -i app cat | sha256sum)
            rm big; [ "$a" = "$b" ] && [ "$a" = "$c" ] && echo same
            """
        )
        #expect(run.out == "same\n", "\(run.err)")
    }

    @Test("a flood of lines is rotated, nothing in between is lost, and the keeper stays small")
    func flood() async throws {
        // A line is about 100 bytes of the file.
        let lines = Self.isLong ? 10_000_000 : 200_000
        let run = try await run(
            """
            code=$($docker wait app); pid=
            $docker logs app > kept; head -n 1 kept > first
            seq $(cat first) \(lines) | cmp - kept && echo whole
            [ $(cat first) -gt 1 ] && echo rotated; echo $code
            """,
            flags: "--log-opt max-size=1m --log-opt max-file=3",
            command: "seq 1 \(lines)"
        )
        #expect(run.out == "whole\nrotated\n0\n", "\(run.err)")
    }

    @Test("the keeper of a container that floods its log has no more memory afterwards")
    func keeper() async throws {
        let lines = Self.isLong ? 10_000_000 : 200_000
        let run = try await run(
            """
            init=$($docker inspect -f '{{.State.Pid}}' app)
            keeper=$(awk '/^PPid/ {print $2}' /proc/$init/status)
            size() { awk '/^Rss/ {s+=$2} END {print s}' /proc/$keeper/smaps_rollup; }
            peak() { awk '/^VmHWM/ {print $2}' /proc/$keeper/status; }
            before=$(size)
            until $docker logs --tail 1 app | grep -qx end; do sleep 0.1; done
            after=$(size); cat /proc/$keeper/comm
            [ $((after - before)) -lt 300 ] && [ $(peak) -lt 3000 ] && echo flat || echo $before $after $(peak)
            """,
            flags: "--log-opt max-size=1m --log-opt max-file=2",
            command: "sh -c 'sleep 1; seq 1 \(lines); echo end; sleep 100000'"
        )
        #expect(run.out == "berth-keeper\nflat\n", "\(run.err)")
    }
}
