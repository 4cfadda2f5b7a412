import Foundation
import Glibc
import Testing
import TestSupport

/// What a command finds of another one's work, and what it leaves when it fails.
@Suite("root: convergence", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct ConvergenceEndToEndTests {

    private func with(_ project: String, _ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            try machine.write(project)
            try await body(machine)
        }
    }

    private func up(_ machine: TestMachine, _ arguments: String...) async throws {
        let up = try await machine.run([TestMachine.berth] + arguments + ["up", "-d"])
        try #require(up.status == 0, "\(up.err)")
    }

    @Test(
        "a stop that goes on without its command is seen, and what it ends is started again",
        arguments: [["up", "-d"], ["start"], ["restart"]],
        ["stop", "down"]
    )
    func interruptedStop(verb: [String], interrupted: String) async throws {
        let project = """
            services:
              web:
                image: box
                init: true
                restart: always
                stop_grace_period: 2s
                command: sh -c 'trap "echo told" TERM; echo begun; while :; do sleep 0.1; done'
            """
        try await with(project) { machine in
            try await up(machine)
            let stop = try machine.start([TestMachine.berth, interrupted])
            async let end = stop.end()
            try await machine.until("it is told to end") {
                try await machine.berth("logs").out.contains("told")
            }
            try stop.signal(SIGKILL)
            _ = try await end
            let run = try await machine.run([TestMachine.berth] + verb)
            #expect(run.status == 0, "\(run.err)")
            #expect(run.err.contains("web-1  Started"), "\(run.err)")
            let log = try await machine.berth("logs", "--no-log-prefix").lines
            #expect(log.filter { $0 == "begun" }.count == 2, "\(log)")
            #expect(try await machine.berth("ps", "--services").lines == ["web"])
            #expect(try await machine.berth("up", "-d").err.contains("web-1  Running"))
        }
    }

    @Test("a successor that cannot be made is found before the container is stopped")
    func impossibleSuccessor() async throws {
        let project = "services: {web: {image: box, init: true, command: sleep 100}}"
        try await with(project) { machine in
            try await up(machine)
            let before = try await machine.berth("ps", "-q").out
            try machine.write(
                """
                services:
                  web:
                    image: box
                    init: true
                    command: sleep 100
                    networks: {default: {ipv4_address: 203.0.113.5}}
                """
            )
            for verb in [["up", "-d"], ["plan"]] {
                let run = try await machine.run([TestMachine.berth] + verb)
                #expect(run.status == 1, "\(run.out)")
                #expect(run.err.contains("203.0.113.5"), "\(run.err)")
                #expect(!run.err.contains("Stopp"), "\(run.err)")
            }
            #expect(try await machine.berth("ps", "-q").out == before)
        }
    }

    @Test("a network that the file has otherwise now is replaced, and containers go on on it")
    func changedNetwork() async throws {
        func project(_ network: String, _ address: String) -> String {
            """
            services:
              web:
                image: box
                init: true
                command: sleep 100
                networks: {default: {ipv4_address: \(address)}}
              other: {image: box, init: true, command: sleep 100}
            networks:
              default: {\(network)}
            """
        }
        let pool = "ipam: {config: [{subnet: 10.97.0.0/24}]}"
        try await with(project(pool, "10.97.0.9")) { machine in
            try await up(machine)
            let before = try await machine.berth("ps", "-q", "other").out
            let changes = [
                ("\(pool), internal: true", "10.97.0.9", "internal is on now"),
                (
                    "ipam: {config: [{subnet: 10.96.0.0/24}]}, internal: true", "10.96.0.9",
                    "subnet: 10.97.0.0/24 → 10.96.0.0/24"
                ),
                (
                    "ipam: {config: [{subnet: 10.96.0.0/24}]}, internal: true, labels: {a: b}",
                    "10.96.0.9", "labels.a added"
                ),
            ]
            for (network, address, because) in changes {
                try machine.write(project(network, address))
                let plan = try await machine.berth("plan")
                #expect(plan.out.contains("recreate network"), "\(plan.out)\(plan.err)")
                #expect(plan.out.contains(because), "\(plan.out)")
                // One service by its name: the other is on the network as well.
                let run = try await machine.berth("up", "-d", "web")
                #expect(run.status == 0, "\(run.err)")
                #expect(run.err.contains("_default  Recreated"), "\(run.err)")
                #expect(try await machine.berth("ps", "-q", "other").out == before)
                #expect(try await machine.berth("plan").out.contains("nothing to do"))
            }
            // What cannot be made leaves all as it is.
            try machine.write(project("ipam: {config: [{subnet: 127.0.0.0/8}]}", "127.0.0.9"))
            let running = try await machine.berth("ps", "-q").out
            #expect(try await machine.berth("up", "-d").status == 1)
            #expect(try await machine.berth("ps", "-q").out == running)
        }
    }

    @Test(
        "a container that is kept and does not fit a changed network is found before anything stops",
        arguments: [["up", "-d", "b"], ["up", "-d", "--no-recreate"], ["plan", "b"]]
    )
    func keptOffNetwork(verb: [String]) async throws {
        func project(_ octet: Int) -> String {
            """
            services:
              a:
                image: box
                init: true
                command: sleep 100
                networks:
                  n:
                    ipv4_address: 10.\(octet).0.77
              b: {image: box, init: true, command: sleep 100, networks: [n]}
            networks:
              n: {ipam: {config: [{subnet: 10.\(octet).0.0/24}]}}
            """
        }
        try await with(project(96)) { machine in
            try await up(machine)
            let running = try await machine.berth("ps", "-q").lines
            try machine.write(project(97))
            let refused = try await machine.run([TestMachine.berth] + verb)
            #expect(refused.status == 1)
            let place = "compose.yaml:8:23: services.a.networks.n.ipv4_address: "
            #expect(refused.err.contains(place), "\(refused.err)")
            #expect(refused.err.contains("-a-1 is kept as it is"), "\(refused.err)")
            #expect(refused.err.contains("10.96.0.77"), "\(refused.err)")
            #expect(refused.err.contains("`berth up -d` of all services"), "\(refused.err)")
            #expect(try await machine.berth("ps", "-q").lines == running)
            try await up(machine)
            #expect(try await machine.berth("plan").out.contains("nothing to do"))
        }
    }

    @Test("down takes a network from a stopped container that stays; it is connected again")
    func stoppedStays() async throws {
        let project = """
            services:
              web: {image: box, init: true, command: sleep 100}
              debug: {image: box, init: true, command: sleep 100, profiles: [dev]}
            """
        try await with(project) { machine in
            try await up(machine, "--profile", "dev")
            #expect(try await machine.berth("stop", "-t", "0", "debug").status == 0)
            let kept = try await machine.berth("ps", "-aq", "debug").out
            let down = try await machine.berth("down", "-t", "0")
            #expect(down.status == 0)
            #expect(down.err.contains("_default  Removed"), "\(down.err)")
            let start = try await machine.berth("--profile", "dev", "start", "debug")
            #expect(start.status == 1)
            #expect(start.err.contains("there is no network"), "\(start.err)")
            try await up(machine, "--profile", "dev")
            #expect(try await machine.berth("ps", "-q", "debug").out == kept)
            #expect(try await machine.berth("ps", "--services").lines == ["debug", "web"])
        }
    }

    @Test("down -v leaves the volume that another file of the project has")
    func volumesOfOtherFiles() async throws {
        func project(_ volume: String) -> String {
            """
            services:
              web: {image: box, init: true, command: sleep 100, volumes: ["\(volume):/v"]}
            volumes: {\(volume): {}}
            """
        }
        try await with(project("old")) { machine in
            try await up(machine)
            try machine.write(project("new"))
            try await up(machine)
            for arguments in [["--dry-run", "down", "-v"], ["down", "-v", "-t", "0"]] {
                let down = try await machine.run([TestMachine.berth] + arguments)
                #expect(down.status == 0, "\(down.err)")
                let words = "volume \(machine.project)_old of this project stays"
                #expect(down.err.contains(words), "\(down.err)")
            }
            let all = try await machine.berth("-p", machine.project, "down", "-v")
            #expect(all.err.contains("Volume \(machine.project)_old  Removed"), "\(all.err)")
            #expect(!all.err.contains("_new"), "\(all.err)")
        }
    }

    @Test("the locks of an up that was killed before it made anything go with the next command")
    func killedEarly() async throws {
        let build = """
            services:
              slow:
                build: {dockerfile_inline: "FROM box\\nRUN exec sleep 100\\n"}
            """
        try await with(build) { machine in
            let locks = machine.folder.appending(path: "root/locks/\(machine.project)").path()
            let up = try machine.start([TestMachine.berth, "up", "-d"])
            async let end = up.end()
            try await machine.until("it has the project") {
                FileManager.default.fileExists(atPath: locks)
            }
            try up.signal(SIGKILL)
            _ = try await end
            #expect(FileManager.default.fileExists(atPath: locks))
            // Of another project: whoever changes anything clears away.
            try machine.write("services: {web: {image: box, command: sleep 1}}", to: "b.yaml")
            let other = "\(machine.project)x"
            for verb in [["up", "--no-start"], ["down"]] {
                let run = try await machine.run(
                    [TestMachine.berth, "-f", "b.yaml", "-p", other] + verb
                )
                #expect(run.status == 0, "\(run.err)")
            }
            #expect(!FileManager.default.fileExists(atPath: locks))
        }
    }

    @Test("who has a port or a name is told by the project and the command that ends it")
    func conflicts() async throws {
        let project = """
            services:
              web:
                image: box
                init: true
                command: sleep 100
                ports: ["127.0.0.1:8099:80"]
            """
        try await with(project) { machine in
            try await up(machine)
            let other = machine.project + "x"
            let run = try await machine.berth("-f", "compose.yaml", "-p", other, "up", "-d")
            #expect(run.status == 1)
            let words =
                "in use by container \(machine.project)-web-1 of project "
                + "\(machine.project); `berth -p \(machine.project) stop web` frees it"
            #expect(run.err.contains(words), "\(run.err)")
            #expect(try await machine.berth("-p", other, "down").status == 0)
            try machine.write(
                "services: {db: {image: box, command: sleep 9, container_name: \(machine.project)-web-1}}",
                to: "named.yaml"
            )
            let named = try await machine.berth("-f", "named.yaml", "-p", other, "up", "-d")
            #expect(named.status == 1)
            let command = "`berth -p \(machine.project) down web` removes it"
            #expect(named.err.contains(command), "\(named.err)")
            #expect(try await machine.berth("-p", other, "down").status == 0)
        }
    }
}
