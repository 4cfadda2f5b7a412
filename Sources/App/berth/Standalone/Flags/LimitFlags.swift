import ArgumentParser
import ContainerRuntime

/// Limits that can be changed while a container runs, too: those of `update`.
struct LimitFlags: ServiceFlags {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Memory it may have: 512m, 2g.", valueName: "bytes")
    )
    var memory: String?

    @Option(
        name: .customLong("memory-reservation"),
        help: ArgumentHelp("Memory it keeps when there is little.", valueName: "bytes")
    )
    var memoryReservation: String?

    @Option(
        name: .customLong("memory-swap"),
        parsing: .unconditional,
        help: ArgumentHelp("Memory and swap together; -1 is no limit.", valueName: "bytes")
    )
    var memorySwap: String?

    @Option(help: ArgumentHelp("Processors it may use: 1.5.", valueName: "number"))
    var cpus: String?

    @Option(
        name: [.customShort("c"), .customLong("cpu-shares")],
        help: ArgumentHelp("Its share of the processors against others'.", valueName: "weight")
    )
    var cpuShares: String?

    @Option(
        name: .customLong("cpu-period"),
        help: ArgumentHelp("Length of a period of the quota.", valueName: "microseconds")
    )
    var cpuPeriod: String?

    @Option(
        name: .customLong("cpu-quota"),
        parsing: .unconditional,
        help: ArgumentHelp("Time it may use of each period.", valueName: "microseconds")
    )
    var cpuQuota: String?

    @Option(
        name: .customLong("cpu-rt-period"),
        help: ArgumentHelp("Period of real-time scheduling.", valueName: "microseconds")
    )
    var cpuRealTimePeriod: String?

    @Option(
        name: .customLong("cpu-rt-runtime"),
        help: ArgumentHelp("Time of real-time scheduling in a period.", valueName: "microseconds")
    )
    var cpuRealTimeRuntime: String?

    @Option(
        name: .customLong("cpuset-cpus"),
        help: ArgumentHelp("Processors it may use: 0-2,4.", valueName: "processors")
    )
    var cpusetCPUs: String?

    @Option(
        name: .customLong("cpuset-mems"),
        help: ArgumentHelp("Nodes whose memory it may use: 0-1.", valueName: "nodes")
    )
    var cpusetMemories: String?

    @Option(
        name: .customLong("pids-limit"),
        parsing: .unconditional,
        help: ArgumentHelp(
            "Processes and threads it may have; -1 is no limit.",
            valueName: "number"
        )
    )
    var pidsLimit: String?

    @Option(
        name: .customLong("blkio-weight"),
        help: ArgumentHelp("Its share of disks against others', 10 to 1000.", valueName: "weight")
    )
    var blockIOWeight: String?

    /// What is noted of a flag that no attribute has.
    static let memoryNodes = "memory nodes"

    /// What no attribute has.
    func adapt(_ limits: inout ResourceLimits) {
        if let cpusetMemories, !cpusetMemories.isEmpty { limits.memoryNodes = cpusetMemories }
    }

    func write(to service: inout FlaggedService) throws {
        if let cpusetMemories, !cpusetMemories.isEmpty {
            // No attribute has it: see `memoryNodes`.
            service.note(Self.memoryNodes, cpusetMemories, by: "--cpuset-mems")
        }
        service.set("mem_limit", memory, by: "-m, --memory")
        service.set("mem_reservation", memoryReservation, by: "--memory-reservation")
        service.set("memswap_limit", memorySwap, by: "--memory-swap")
        service.set("cpus", cpus, by: "--cpus")
        service.set("cpu_shares", cpuShares, by: "-c, --cpu-shares")
        service.set("cpu_period", cpuPeriod, by: "--cpu-period")
        service.set("cpu_quota", cpuQuota, by: "--cpu-quota")
        service.set("cpu_rt_period", cpuRealTimePeriod, by: "--cpu-rt-period")
        service.set("cpu_rt_runtime", cpuRealTimeRuntime, by: "--cpu-rt-runtime")
        service.set("cpuset", cpusetCPUs, by: "--cpuset-cpus")
        service.set("pids_limit", pidsLimit, by: "--pids-limit")
        if blockIOWeight != "0" {
            service.set("blkio_config.weight", blockIOWeight, by: "--blkio-weight")
        }
    }
}
