import Testing

@testable import berth

/// What docker 28.5 says of values that its flags do not take, recorded from it.
@Suite("docker's rules for values")
struct DockerValueRulesTests {
    private static let refused: [(flag: String, value: String, DockerValueRules.Refusal)] = [
        ("--memory", "foo", .argument("invalid size: 'foo'")),
        ("--memory", "1k", .engine("Minimum memory limit allowed is 6MB")),
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
            ("--expose", "53/udp"), ("--expose", "80-90"), ("--health-timeout", "1m30s"),
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
