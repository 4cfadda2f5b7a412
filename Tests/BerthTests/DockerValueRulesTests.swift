import Testing

@testable import berth

/// What docker 28.5 says of values that its flags do not take, recorded from it.
@Suite("docker's rules for values")
struct DockerValueRulesTests {
    private static let refused: [(flag: String, value: String, DockerValueRules.Refusal)] = [
        ("--memory", "foo", .argument("invalid size: 'foo'")),
        ("--memory", "1k", .engine("Minimum memory limit allowed is 6MB")),
        ("--memory-reservation", "1m", .engine("Minimum memory reservation allowed is 6MB")),
        (
            "--cpu-period", "10",
            .engine(
                "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)"
            )
        ),
        ("--cpu-quota", "10", .engine("CPU cfs quota can not be less than 1ms (i.e. 1000)")),
        (
            "--cpu-shares", "-1",
            .engine("invalid CPU shares (-1): value must be a positive integer")
        ),
        ("--cpu-shares", "abc", .argument("strconv.ParseInt: parsing \"abc\": invalid syntax")),
        ("--cpuset-cpus", "abc", .engine("Invalid value abc for cpuset cpus: invalid format: abc")),
        ("--publish", "abc", .plain("Invalid containerPort: abc")),
        ("--publish", "70000:80", .plain("Invalid hostPort: 70000")),
        (
            "--publish", "80:80:80:80",
            .plain("Invalid ip address 80:80: address 80:80:: too many colons in address")
        ),
        ("--publish", "1.2.3:80:80", .plain("Invalid ip address: 1.2.3")),
        ("--publish", "80/foo", .plain("Invalid proto: foo")),
        (
            "--publish", "80-82:80-81",
            .plain("Invalid ranges specified for container and host Ports: 80-81 and 80-82")
        ),
        ("--volume", ":/x", .plain("invalid spec: :/x: empty section between colons")),
        ("--volume", "a:b:c:d", .engine("invalid volume specification: 'a:b:c:d'")),
        (
            "--volume", "/a:b",
            .engine(
                "invalid volume specification: '/a:b': invalid mount config for type \"bind\": "
                    + "invalid mount path: 'b' mount path must be absolute"
            )
        ),
        (
            "--volume", "a/b:/c",
            .engine(
                "create a/b: \"a/b\" includes invalid characters for a local volume name, only "
                    + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host "
                    + "directory, use absolute path"
            )
        ),
        ("--volumes-from", "container:db:foo", .engine("invalid mode: foo")),
        ("--link", "a:b:c", .argument("bad format for links: a:b:c")),
        ("--user", "-1", .engine("uids and gids must be in range 0-2147483647")),
        ("--user", "0:99999999999", .engine("uids and gids must be in range 0-2147483647")),
        ("--mac-address", "zz", .plain("zz is not a valid mac address")),
        ("--device", "a:b:c:d", .plain("bad format for path: a:b:c:d")),
        ("--device-cgroup-rule", "foo", .argument("invalid device cgroup format 'foo'")),
        ("--add-host", "foo:bar", .argument("invalid IP address in add-host: \"bar\"")),
        (
            "--annotation", "=x",
            .engine("invalid Annotations: the empty string is not permitted as an annotation key")
        ),
        ("--health-timeout", "-1s", .plain("--health-timeout cannot be negative")),
        (
            "--health-interval", "1us",
            .engine("Interval in Healthcheck cannot be less than 1ms")
        ),
        ("--security-opt", "apparmor", .plain("Invalid --security-opt: \"apparmor\"")),
        (
            "--security-opt", "no-new-privileges:maybe",
            .engine("invalid --security-opt 2: \"no-new-privileges:maybe\"")
        ),
        (
            "--security-opt", "seccomp=nope.json",
            .plain(
                "opening seccomp profile (nope.json) failed: open nope.json: no such file or directory"
            )
        ),
        ("--shm-size", "1q", .argument("invalid size: '1q'")),
        ("--cpus", "foo", .argument("failed to parse foo as a rational number")),
        (
            "--pids-limit", "foo",
            .argument("strconv.ParseInt: parsing \"foo\": invalid syntax")
        ),
        (
            "--memory-swappiness", "500",
            .plain("invalid value: 500. Valid memory swappiness range is 0-100")
        ),
        (
            "--oom-score-adj", "5000",
            .engine("Invalid value 5000, range for oom score adj is [-1000, 1000]")
        ),
        ("--pid", "foo", .plain("--pid: invalid PID mode")),
        ("--pid", "container:", .plain("--pid: invalid PID mode")),
        ("--uts", "foo", .plain("--uts: invalid UTS mode")),
        ("--userns", "foo", .plain("--userns: invalid USER mode")),
        ("--cgroupns", "foo", .plain("--cgroupns: invalid CGROUP mode")),
        ("--ipc", "foo", .engine("invalid IPC mode: foo")),
        ("--device", "x:y:q", .plain("bad mode specified: q")),
        ("--device", "/dev/null:relative", .plain("relative is not an absolute path")),
        ("--stop-signal", "FOO", .engine("invalid signal: FOO")),
        ("--cap-add", "FOO", .engine("invalid CapAdd: unknown capability: \"CAP_FOO\"")),
        ("--security-opt", "foo", .plain("Invalid --security-opt: \"foo\"")),
        ("--security-opt", "foo=bar", .engine("invalid --security-opt 2: \"foo=bar\"")),
        ("--dns", "foo", .argument("IP address is not correctly formatted: foo")),
        ("--add-host", "foo", .argument("bad format for add-host: \"foo\"")),
        (
            "--expose", "foo",
            .plain(
                "invalid range format for --expose: foo, error: strconv.ParseUint: parsing "
                    + "\"foo\": invalid syntax"
            )
        ),
        ("--health-interval", "foo", .argument("time: invalid duration \"foo\"")),
        ("--health-retries", "-1", .plain("--health-retries cannot be negative")),
        (
            "--tmpfs", "relative",
            .engine("invalid mount path: 'relative' mount path must be absolute")
        ),
    ]

    @Test("each is refused in docker's words", arguments: refused.indices)
    func refusals(index: Int) {
        let (flag, value, refusal) = Self.refused[index]
        #expect(DockerValueRules.refusal(of: value, flag: flag) == refusal)
    }

    @Test(
        "what docker takes is taken",
        arguments: [
            ("--memory", "64m"), ("--memory", "1.5GiB"), ("--memory-swap", "-1"), ("--cpus", "1/2"),
            ("--cpus", "0.5"), ("--pids-limit", "-1"), ("--memory-swappiness", "-1"),
            ("--oom-score-adj", "-1000"), ("--pid", "container:a"), ("--pid", "host"),
            ("--ipc", "shareable"), ("--device", "/dev/null"), ("--device", "/dev/null:r"),
            ("--device", "/dev/null:/dev/x:rwm"), ("--device", "vendor.com/class=all"),
            ("--stop-signal", "SIGINT"), ("--stop-signal", "9"), ("--cap-add", "all"),
            ("--cap-drop", "net_raw"), ("--security-opt", "no-new-privileges"),
            ("--security-opt", "label:disable"), ("--dns", "::1"), ("--add-host", "a=1.2.3.4"),
            ("--expose", "53/udp"), ("--publish", "[::1]:80:80/udp"), ("--publish", "80-90:80-90"),
            ("--publish", "127.0.0.1::80"), ("--publish", "8000-8010:80"), ("--volume", "/anon"),
            ("--volume", "data:/d:ro"), ("--volume", "./here:/d"), ("--user", "1000:users"),
            ("--user", "nan"), ("--volumes-from", "container:db:ro"), ("--add-host", "a:[::1]"),
            ("--security-opt", "no-new-privileges:false"), ("--security-opt", "seccomp=builtin"),
            ("--health-interval", "0s"), ("--cpu-quota", "-1"), ("--link", "db:data"),
            ("--expose", "80-90"), ("--health-timeout", "1m30s"),
            ("--tmpfs", "/t:size=1m"), ("--cpuset-cpus", "0"), ("--name", "anything"),
        ]
    )
    func accepted(flag: String, value: String) {
        #expect(DockerValueRules.refusal(of: value, flag: flag) == nil)
    }

    @Test("processors that there are not are counted, and named")
    func processors() {
        guard case .engine(let range)? = DockerValueRules.refusal(of: "100000", flag: "--cpus"),
            case .engine(let list)? = DockerValueRules.refusal(of: "8000", flag: "--cpuset-cpus")
        else {
            Issue.record("taken")
            return
        }
        #expect(range.hasPrefix("range of CPUs is from 0.01 to ") && range.hasSuffix(" available"))
        #expect(list.hasPrefix("Requested CPUs are not available - requested 8000, available: 0"))
    }

    @Test("memory with swap is not less than memory, and not without it")
    func swap() {
        let alone = DockerValueRules.swapRefusal(memory: nil, swap: "5m")
        #expect(
            alone
                == .engine(
                    "You should always set the Memory limit when using Memoryswap limit, see usage"
                )
        )
        let less = DockerValueRules.swapRefusal(memory: "10m", swap: "5m")
        #expect(
            less
                == .engine("Minimum memoryswap limit should be larger than memory limit, see usage")
        )
        #expect(DockerValueRules.swapRefusal(memory: "10m", swap: "10m") == nil)
        #expect(DockerValueRules.swapRefusal(memory: nil, swap: "-1") == nil)
    }

    @Test(
        "values that do not go together are refused in docker's words",
        arguments: [
            (
                ["mem_limit": "32m", "mem_reservation": "64m"],
                "Minimum memory limit can not be less than memory reservation limit, see usage"
            ),
            (
                ["cpus": "1", "cpu_quota": "5000"],
                "Conflicting options: Nano CPUs and CPU Quota cannot both be set"
            ),
            (["cpus": "1", "cpu_quota": "0"], nil), (["cpu_quota": "5000"], nil),
        ]
    )
    func conflicts(values: [String: String], words: String?) {
        #expect(DockerValueRules.conflict(values) == words.map { .engine($0) })
    }

    @Test(
        "sysctls that docker's command line does not let through",
        arguments: [
            ("foo", false), ("foo=bar", false), ("kernel.hostname=x", false), ("net.ipv4.x", false),
            ("net.ipv4.ip_forward=1", true), ("kernel.shmmax=1", true),
            ("fs.mqueue.msg_max=5", true),
        ]
    )
    func sysctls(value: String, isTaken: Bool) {
        #expect((DockerValueRules.sysctl(value) == nil) == isTaken)
    }

    @Test(
        "restart policies are refused in docker's words",
        arguments: [
            ("foo", "unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or"),
            ("always:3", "maximum retry count can only be used with 'on-failure'"),
            ("on-failure:-1", "maximum retry count cannot be negative"),
            (
                "on-failure:x",
                "invalid restart policy format: maximum retry count must be an integer"
            ),
            (":3", "invalid restart policy format: no policy provided before colon"),
        ]
    )
    func policies(text: String, words: String) {
        #expect {
            try RestartWords.check(text, of: "run")
        } throws: { "\($0)".contains(words) }
        #expect(throws: Never.self) { try RestartWords.check("on-failure:3", of: "run") }
    }

    @Test("a device that there is not is named as docker names it")
    func missingDevice() {
        #expect(
            DockerValueRules.missingDevice("/dev/nosuch:/dev/x")
                == "error gathering device information while adding custom device \"/dev/nosuch\": "
                + "no such file or directory"
        )
        #expect(DockerValueRules.missingDevice("/dev/null") == nil)
        #expect(DockerValueRules.missingDevice("vendor.com/class=all") == nil)
    }
}
