package import GoTemplate

/// This machine as docker's `info` shows it.
package struct MachineView: Sendable {
    /// Of berth.
    package var version = ""
    /// The folder of state.
    package var root = ""
    /// Containers that run, those that wait to be started again among them.
    package var running = 0
    /// Containers that stand still.
    package var paused = 0
    /// Containers that do not run.
    package var stopped = 0
    /// How many images there are.
    package var images = 0
    /// Its release.
    package var kernel = ""
    /// As os-release(5) calls it.
    package var operatingSystem = ""
    /// As uname(2) calls it.
    package var architecture = ""
    /// How many are online.
    package var processors = 0
    /// Of the whole machine.
    package var memoryBytes: UInt64 = 0
    /// Its host name.
    package var name = ""
    /// 1 or 2.
    package var cgroupVersion = 2
    /// Whether the kernel forwards packets.
    package var forwardsIPv4 = false
    /// Those of networks.
    package var drivers: [String] = []
    /// Those of logs.
    package var logDrivers: [String] = []
    /// As it would be written: `2026-01-02T15:04:05Z`.
    package var time = ""

    /// Of which nothing is known yet.
    package init() {}

    private var containers: Int { running + paused + stopped }

    /// The lines that are shown without a form.
    package var lines: [String] {
        [
            "Client: berth", " Version:    \(version)", " Context:    default",
            " Debug Mode: false", "", "Server:", " Containers: \(containers)",
            "  Running: \(running)", "  Paused: \(paused)", "  Stopped: \(stopped)",
            " Images: \(images)", " Server Version: \(version)", " Storage Driver: overlay2",
            "  Supports d_type: true", "  Using metacopy: false", " Logging Driver: json-file",
            " Cgroup Driver: cgroupfs", " Cgroup Version: \(cgroupVersion)", " Plugins:",
            "  Volume: local", "  Network: \(networks.joined(separator: " "))",
            "  Log: \(logDrivers.joined(separator: " "))", " Swarm: inactive",
            " Runtimes: berth", " Default Runtime: berth", " Security Options:", "  seccomp",
            "   Profile: builtin", " Kernel Version: \(kernel)",
            " Operating System: \(operatingSystem)", " OSType: linux",
            " Architecture: \(architecture)", " CPUs: \(processors)",
            " Total Memory: \(HumanSize.binary(memoryBytes))", " Name: \(name)",
            " Docker Root Dir: \(root)", " Debug Mode: false", " Experimental: false",
            " Live Restore Enabled: true", "",
        ]
    }

    private var networks: [String] { (drivers + ["host", "null"]).sorted() }

    /// The members of docker's JSON, in its order; what berth has nothing of is left out.
    package var value: GoValue {
        .map(
            GoMap(
                counts + abilities + machine,
                missing: .unknownField(of: "system.dockerInfo")
            )
        )
    }

    private typealias Members = [(key: String, value: GoValue)]

    private var counts: Members {
        let status = [["Supports d_type", "true"], ["Using metacopy", "false"]]
        return [
            ("ID", .string(name)), ("Containers", .integer(Int64(containers))),
            ("ContainersRunning", .integer(Int64(running))),
            ("ContainersPaused", .integer(Int64(paused))),
            ("ContainersStopped", .integer(Int64(stopped))),
            ("Images", .integer(Int64(images))), ("Driver", .string("overlay2")),
            ("DriverStatus", .list(status.map { .strings($0) })),
            (
                "Plugins",
                .object([
                    ("Volume", .strings(["local"])), ("Network", .strings(networks)),
                    ("Authorization", .nothing(.list)), ("Log", .strings(logDrivers)),
                ])
            ),
        ]
    }

    private var abilities: Members {
        let all = [
            "MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet",
            "PidsLimit",
        ]
        return all.map { ($0, .bool(true)) } + [
            ("IPv4Forwarding", .bool(forwardsIPv4)), ("Debug", .bool(false)),
            ("OomKillDisable", .bool(cgroupVersion == 1)), ("SystemTime", .string(time)),
            ("LoggingDriver", .string("json-file")), ("CgroupDriver", .string("cgroupfs")),
            ("CgroupVersion", .string("\(cgroupVersion)")),
        ]
    }

    private var machine: Members {
        [
            ("KernelVersion", .string(kernel)), ("OperatingSystem", .string(operatingSystem)),
            ("OSVersion", .string("")), ("OSType", .string("linux")),
            ("Architecture", .string(architecture)),
            ("IndexServerAddress", .string("https://index.docker.io/v1/")),
            ("NCPU", .integer(Int64(processors))), ("MemTotal", .integer(Int64(memoryBytes))),
            ("DockerRootDir", .string(root)), ("Name", .string(name)), ("Labels", .strings([])),
            ("ExperimentalBuild", .bool(false)), ("ServerVersion", .string(version)),
            ("DefaultRuntime", .string("berth")),
            ("Swarm", .object([("LocalNodeState", .string("inactive"))])),
            ("LiveRestoreEnabled", .bool(true)),
            ("SecurityOptions", .strings(["name=seccomp,profile=builtin"])),
            ("Warnings", .nothing(.list)),
        ]
    }
}
