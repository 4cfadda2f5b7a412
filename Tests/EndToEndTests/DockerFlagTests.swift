import Foundation
import TestSupport
import Testing

/// Flags of docker's command line, one by one, and what docker says of names that are none.
@Suite("root: flags of docker", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct DockerFlagTests {
    private func with(
        _ body: (_ docker: (String) async throws -> TestMachine.Output) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo cat env true nslookup", as: "box:1")
            func docker(_ line: String) async throws -> TestMachine.Output {
                let words = line.split(separator: " ").map(String.init)
                return try await machine.run([TestMachine.berth, "docker"] + words)
            }
            func clear() async throws {
                let all = try await docker("ps -aq").lines
                if !all.isEmpty { _ = try await docker("rm -f -v " + all.joined(separator: " ")) }
            }
            do { try await body(docker) } catch {
                try await clear()
                throw error
            }
            try await clear()
        }
    }

    @Test(
        "logs --details has what the log options ask for",
        arguments: [
            ("--log-opt labels=a,b,zz --log-opt env=E,NO", "E=v,a=1,b=x%2Cy hi\n"),
            ("--log-opt labels-regex=^a --log-opt env-regex=.*E", "E=v,FE=2,a=1 hi\n"),
            ("--log-opt tag=x{{.Name}} --log-opt labels=a", "a=1,tag=xld hi\n"), ("", " hi\n"),
        ]
    )
    func details(options: String, words: String) async throws {
        try await with { docker in
            let run = try await docker(
                "run --name ld --network none -l a=1 -l b=x,y -e E=v -e FE=2 \(options) box:1 echo hi"
            )
            try #require(run.status == 0, "\(run.err)")
            #expect(try await docker("logs ld").out == "hi\n")
            let shown = try await docker("logs --details ld")
            #expect(shown.out == words, "\(shown)")
            let timed = try await docker("logs -t --details ld").out
            #expect(timed.hasSuffix("Z " + words), "\(timed)")
        }
    }

    @Test("top has the columns that ps is asked for, and docker wants the number")
    func top() async throws {
        try await with { docker in
            let run = try await docker("run -d --name tp --network none box:1 sleep 1000")
            try #require(run.status == 0, "\(run.err)")
            let chosen = try await docker("top tp -o pid,args")
            let titles = chosen.lines.first?.split(separator: " ").map(String.init)
            #expect(titles == ["PID", "COMMAND"], "\(chosen)")
            #expect(chosen.lines.last?.hasSuffix("sleep 1000") == true, "\(chosen)")
            let plain = try await docker("top tp")
            #expect(plain.lines.first?.hasSuffix("CMD") == true, "\(plain)")
            #expect(try await docker("top tp aux").lines.first?.contains("%CPU") == true)
            let none = try await docker("top tp -o args")
            #expect(
                none.err == "Error response from daemon: Couldn't find PID field in ps output\n"
                    && none.status == 1,
                "\(none)"
            )
        }
    }

    @Test("memory is of the nodes that are asked for, and others are refused")
    func nodes() async throws {
        try await with { docker in
            let run = try await docker(
                "run --rm --network none --cpuset-mems 0 box:1 cat /proc/self/status"
            )
            #expect(run.status == 0 && run.out.contains("Mems_allowed_list:\t0\n"), "\(run)")
            let made = try await docker(
                "create --name cs --network none --cpuset-mems 0 box:1 true"
            )
            #expect(made.status == 0, "\(made.err)")
            let shown = try await docker("inspect -f {{.HostConfig.CpusetMems}} cs")
            #expect(shown.out == "0\n", "\(shown)")
            let wrong = try await docker("run --rm --cpuset-mems 4095 box:1 true")
            #expect(wrong.status == 125)
            #expect(
                wrong.err.contains("Requested memory nodes are not available - requested 4095"),
                "\(wrong)"
            )
        }
    }

    @Test("a network says that it was to be attachable")
    func attachable() async throws {
        try await with { docker in
            #expect(try await docker("network create --attachable an").status == 0)
            #expect(try await docker("network create bn").status == 0)
            #expect(
                try await docker("network inspect -f {{.Attachable}} an bn").lines == [
                    "true", "false",
                ]
            )
            let gone = try await docker("network rm an bn")
            #expect(gone.status == 0, "\(gone)")
        }
    }

    @Test(
        "what is not there is told in docker's words",
        arguments: [
            (
                "start no1 no2",
                """
                Error response from daemon: No such container: no1
                Error response from daemon: No such container: no2
                Error: failed to start containers: no1, no2

                """
            ), ("start -a no1", "Error response from daemon: No such container: no1\n"),
            (
                "rename no1 a",
                """
                Error response from daemon: No such container: no1
                Error: failed to rename container named no1

                """
            ),
            (
                "rename here a%b",
                """
                Error response from daemon: Error when allocating new name: Invalid container name \
                (/a%b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed
                Error: failed to rename container named here

                """
            ),
            (
                "kill no1",
                "Error response from daemon: cannot kill container: no1: No such container: no1\n"
            ),
            (
                "kill -s FOO here",
                "Error response from daemon: cannot kill container: here: invalid signal: FOO\n"
            ),
        ]
    )
    func words(line: String, told: String) async throws {
        try await with { docker in
            try #require(try await docker("create --name here box:1 true").status == 0)
            let run = try await docker(line)
            #expect(run.status == 1 && run.err == told, "\(run)")
        }
    }

    @Test("a link on the default network has docker's names and variables")
    func links() async throws {
        try await with { docker in
            let first = try await docker("run -d --name l1 -e X=1 --expose 80 box:1 sleep 1000")
            try #require(first.status == 0, "\(first.err)")
            let id = first.out.prefix(12)
            let address = try await docker(
                "inspect -f {{.NetworkSettings.Networks.bridge.IPAddress}} l1"
            ).out
                .dropLast()
            let run = try await docker("run --rm --link l1:a-l --name l2 box:1 env")
            let variables = Set(run.lines)
            #expect(
                variables.isSuperset(of: [
                    "A_L_PORT=tcp://\(address):80", "A_L_PORT_80_TCP=tcp://\(address):80",
                    "A_L_PORT_80_TCP_ADDR=\(address)", "A_L_PORT_80_TCP_PORT=80",
                    "A_L_PORT_80_TCP_PROTO=tcp", "A_L_NAME=/l2/a-l", "A_L_ENV_X=1",
                ]),
                "\(run)"
            )
            #expect(!run.out.contains("A_L_ENV_PATH"))
            for name in ["a-l", "l1", "\(id)"] {
                let found = try await docker("run --rm --link l1:a-l box:1 nslookup \(name)")
                #expect(found.out.contains(address), "\(name): \(found)")
            }
            let none = try await docker("run --rm --link nosuch:a box:1 true")
            #expect(
                none.err.contains("could not get container for nosuch: No such container: nosuch"),
                "\(none)"
            )
        }
    }

    @Test("limits are raised while a container runs, and an update that is refused changes nothing")
    func update() async throws {
        try await with { docker in
            let run = try await docker("run -d --name up -m 64m --network none box:1 sleep 1000")
            try #require(run.status == 0, "\(run.err)")
            let looks = [
                "exec up cat /sys/fs/cgroup/memory/memory.limit_in_bytes",
                "exec up cat /sys/fs/cgroup/memory.max",
            ]
            for (limits, bytes) in [
                ("-m 256m --memory-swap 512m", 256), ("-m 32m --memory-swap 64m", 32),
                ("-m 128m --memory-swap -1", 128),
            ] {
                let update = try await docker("update \(limits) up")
                #expect(update.status == 0, "\(limits): \(update.err)")
                var now = ""
                for look in looks where now.isEmpty { now = try await docker(look).out }
                #expect(now == "\(bytes << 20)\n", "\(limits)")
            }
            // No kernel here gives a group time that the one above it does not have.
            let refused = try await docker("update --cpu-rt-runtime 950000 -c 7 up")
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.err.contains("Cannot update container "), "\(refused)")
            let kept = try await docker("inspect -f {{.HostConfig.CpuShares}} up")
            #expect(kept.out == "0\n", "\(kept)")
            #expect(try await docker("update -c 512 up").status == 0)
        }
    }

    @Test("a container whose program is not there stays created")
    func created() async throws {
        try await with { docker in
            let run = try await docker("run --name nf --network none box:1 /nosuch")
            #expect(run.status == 127, "\(run)")
            #expect(try await docker("ps -a --format {{.Status}}").out == "Created\n")
            let again = try await docker("start nf")
            #expect(again.err.hasSuffix("Error: failed to start containers: nf\n"), "\(again)")
        }
    }

    @Test("names of programs cannot write lines of their own")
    func forged() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh", as: "box:1")
            let run = try await machine.run([
                TestMachine.berth, "docker", "run", "--rm", "--network", "none", "box:1",
                "no\nERROR: all is lost\u{1B}[2J",
            ])
            #expect(run.status == 127)
            #expect(run.err.contains("no\\nERROR: all is lost\\e[2J"), "\(run.err)")
        }
    }
}
