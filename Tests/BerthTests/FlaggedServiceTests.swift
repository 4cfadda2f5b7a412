import ArgumentParser
import Compose
import OrderedCollections
import Testing

@testable import berth

/// What flags of docker's command line ask for, as the service that a compose file would say.
@Suite("flags of containers")
struct FlaggedServiceTests {
    private func service(_ flags: [String], _ environment: [String: String] = [:]) throws -> Service
    {
        let line = try GoFlags.normalised(["create"] + flags + ["box"], below: Docker.self)
        let flags = try ContainerGroup.Create.parse(Array(line.dropFirst())).flags
        let project = try flags.service([]).project(environment)
        return try #require(project.services[FlaggedService.name])
    }

    @Test("each says what the attribute of a compose file says")
    func values() throws {
        let service = try service(
            [
                "-m", "64m", "--memory-swap", "-1", "--cpus", "0.5", "-c", "512", "--pids-limit=7",
                "-e", "A=b$c", "-e", "HERE", "-w", "/w", "-u", "1:2", "-hbox", "--init", "-it",
                "--restart", "on-failure:3", "--stop-signal", "INT", "--stop-timeout", "3",
                "--entrypoint", "sh -c", "--cap-add", "NET_ADMIN", "--privileged", "--read-only",
                "--shm-size", "1m", "-l", "a=b", "--log-opt", "max-size=1m", "--sysctl",
                "net.ipv4.ip_forward=1", "--ulimit", "nofile=10:20", "--health-cmd", "true",
                "--health-interval", "3s", "-p", "8080:80/udp", "--expose", "9", "--tmpfs", "/t",
                "--add-host", "a:1.2.3.4", "--dns", "1.1.1.1", "--blkio-weight", "20",
                "--oom-score-adj", "-5", "-v", "data:/data:ro", "--mount",
                "type=volume,source=other,destination=/other,volume-nocopy",
            ],
            ["HERE": "there"]
        )
        #expect(service.resources.memLimitBytes == 64 << 20)
        #expect(service.resources.memswapLimitBytes == -1)
        #expect(service.resources.cpus == 0.5)
        #expect(service.resources.cpuShares == 512)
        #expect(service.resources.pidsLimit == 7)
        #expect(service.resources.oomScoreAdj == -5)
        #expect(service.resources.shmSizeBytes == 1 << 20)
        #expect(service.resources.blkioConfig?.weight == 20)
        #expect(service.environment == ["A": "b$c", "HERE": "there"])
        #expect(service.workingDirectory == "/w" && service.user == "1:2")
        #expect(service.hostname == "box" && service.usesInit == true)
        #expect(service.tty && service.stdinOpen && service.readOnly)
        #expect(service.restart == .onFailure(maximumRetries: 3))
        #expect(service.stopSignal != nil && service.stopGracePeriod == .seconds(3))
        #expect(service.entrypoint == ["sh -c"])
        #expect(service.security.privileged && service.security.capAdd.count == 1)
        #expect(service.labels == ["a": "b"])
        #expect(service.logging?.options["max-size"] == "1m")
        #expect(service.resources.sysctls == ["net.ipv4.ip_forward": "1"])
        #expect(service.healthcheck != nil)
        #expect(service.ports.map { "\($0.target)/\($0.transport)" } == ["80/udp"])
        #expect(service.expose == ["9"] && service.tmpfs.first?.target == "/t")
        #expect(service.extraHosts.first?.name == "a")
        #expect(service.dns.servers.map { "\($0)" } == ["1.1.1.1"])
        #expect(service.volumes.map(\.target) == ["/data", "/other"])
        #expect(service.volumes.first?.readOnly == true)
        #expect(service.volumes.last?.source == .volume(key: "other", nocopy: true))
        #expect(Array(service.networks.keys) == ["bridge"])
    }

    @Test(
        "an unknown mode of a volume is refused, and two of a kind",
        arguments: ["RO", "readonly", "ro,rw", "zz", "rshared,foo", "", "ro,", "z,Z", "ro,ro"]
    )
    func modes(mode: String) {
        #expect {
            _ = try service(["-v", "/a:/b:\(mode)"])
        } throws: { "\($0)".contains("invalid mode: \(mode)") }
    }

    @Test("modes of a volume", arguments: ["ro", "rw,z", "nocopy", "ro,Z,rslave", "cached,ro"])
    func knownModes(mode: String) throws {
        #expect(try service(["-v", "/a:/b:\(mode)"]).volumes.count == 1)
    }

    @Test("networks are joined with what their own flags say")
    func networks() throws {
        let one = try service([
            "--network", "a", "--network-alias", "x", "--ip", "10.0.0.2", "--network",
            "name=b,alias=y,alias=z,gw-priority=2",
        ])
        #expect(one.networks["a"]?.aliases == ["x"])
        #expect(one.networks["a"]?.ipv4Address.map { "\($0)" } == "10.0.0.2")
        #expect(one.networks["b"]?.aliases == ["y", "z"])
        #expect(one.networks["b"]?.gatewayPriority == 2)
        #expect(try service(["--network", "none"]).networkMode == NetworkModeDeclaration.none)
        #expect(try service(["--net", "container:c"]).networkMode == .container("c"))
    }

    @Test(
        "a wrong value is told of its flag, with docker's code",
        arguments: [
            (["-m", "1x"], "invalid argument \"1x\" for \"-m, --memory\" flag:"),
            (["--cpus", "x"], "invalid argument \"x\" for \"--cpus\" flag:"),
            (["--health-interval", "x"], "invalid argument \"x\" for \"--health-interval\" flag:"),
            (["--restart", "always:x"], "invalid restart policy format: maximum retry count must"),
            (["-p", "99999:1"], "Invalid hostPort: 99999"),
            (["--device-read-iops", "/dev/a:1mb"], "invalid argument \"/dev/a:1mb\" for "),
            (["--log-driver", "none", "--log-opt", "a=b"], "invalid logging opts for driver none"),
            (["--network", "host", "--network-alias", "a"], "network-scoped aliases are only"),
            (
                ["--ulimit", "x"],
                "invalid argument \"x\" for \"--ulimit\" flag: invalid ulimit argument: x"
            ),
            (
                ["--mount", "type=bind"],
                "invalid argument \"type=bind\" for \"--mount\" flag: target is required"
            ),
            (
                ["--mount", "dst=/a,foo=b"],
                "invalid argument \"dst=/a,foo=b\" for \"--mount\" flag: unexpected key 'foo' in "
                    + "'foo=b'"
            ),
            (["-e", "=x"], "invalid argument \"=x\" for \"-e, --env\" flag:"),
            (["--pull", "foo"], "invalid pull option: 'foo'"),
            (["--gpus", "all"], "--gpus: could not select device driver \"\" with capabilities: "),
            (["--gpus", "x"], "invalid argument \"x\" for \"--gpus\" flag: invalid count (x): "),
            (
                ["--gpus", "device=0,device=1"],
                "invalid argument \"device=0,device=1\" for \"--gpus\" flag: gpu request key 'device' "
                    + "can be specified only once"
            ),
            (["--device", "a.com/b=c"], "--device: CDI device injection failed: unresolvable"),
            (["--use-api-socket"], "--use-api-socket: "),
            (["--ip6", "x", "--network", "a"], "invalid argument \"x\" for \"--ip6\" flag:"),
        ] as [([String], String)]
    )
    func mistakes(flags: [String], message: String) throws {
        let failure = try #require(throws: Failure.self) { _ = try service(flags) }
        #expect(failure.exitCode == 125, "\(failure)")
        #expect(failure.lines.first?.hasPrefix(message) == true, "\(failure)")
    }

    @Test("what stands behind the image is the command's, whatever it looks like")
    func passedOn() throws {
        let words = ["run", "-it", "img", "echo", "-n", "a", "a", "--help", "-it", "--rm=true"]
        let line = try GoFlags.normalised(words, below: Docker.self)
        let command = try #require(
            DirectParse.command(line, below: Docker.self) as? ContainerGroup.Run
        )
        #expect(command.image == "img")
        #expect(command.command == ["echo", "-n", "a", "a", "--help", "-it", "--rm=true"])
        #expect(command.process.tty && !command.creation.removes)
    }
}
