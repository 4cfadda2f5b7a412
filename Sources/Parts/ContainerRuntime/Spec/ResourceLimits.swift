/// cgroup limits; nil leaves the kernel's default.
package struct ResourceLimits: Hashable, Codable, Sendable {
    /// compose-spec `mem_limit`.
    package var memoryBytes: Int64?
    /// What it keeps when the machine is short of memory. compose-spec `mem_reservation`.
    package var memoryReservationBytes: Int64?
    /// Memory and swap together; -1 is no limit, nil twice the memory. compose-spec `memswap_limit`.
    package var memorySwapBytes: Int64?
    /// 0 to 100. compose-spec `mem_swappiness`; version 1 only.
    package var memorySwappiness: Int64?
    /// Nothing of it is killed for want of memory: it waits. compose-spec `oom_kill_disable`; version
    /// 1 only.
    package var oomKillIsDisabled: Bool?
    /// -1000 to 1000: who is killed first when the machine has no memory left (proc(5)).
    package var oomScoreAdjustment: Int32?
    /// compose-spec `pids_limit`; a fork bomb stops here. -1 is no limit.
    package var maximumProcesses: Int64? = 2048
    /// Billionths of a processor. compose-spec `cpus`; excludes quota and period.
    package var nanoCPUs: Int64?
    /// Among those that compute at the same time; 1024 is what others have.
    package var cpuShares: Int64?
    /// How much of each period it may compute; negative is no limit.
    package var cpuQuotaMicroseconds: Int64?
    /// compose-spec `cpu_period`; 100 ms without.
    package var cpuPeriodMicroseconds: Int64?
    /// compose-spec `cpu_rt_period`; version 1 only.
    package var cpuRealtimePeriodMicroseconds: Int64?
    /// compose-spec `cpu_rt_runtime`; version 1 only.
    package var cpuRealtimeRuntimeMicroseconds: Int64?
    /// Processors that it runs on: `0-3,7`.
    package var cpuSet: String?
    /// Nodes that its memory is of: `0-1`. No compose attribute has it: `--cpuset-mems`.
    package var memoryNodes: String?
    /// compose-spec `blkio_config`.
    package var blockIO: BlockIOLimits?
    /// The group that its groups are made in, from the root of every hierarchy; nil for one of ours.
    package var cgroupParent: String?
    /// Only processes are limited.
    package init() {}
}

/// What a container may read and write of block devices. compose-spec `blkio_config`.
package struct BlockIOLimits: Hashable, Codable, Sendable {
    /// Its share among others, 10 to 1000.
    package var weight: Int64?
    /// Shares of single devices.
    package var deviceWeights: [DeviceValue] = []
    /// compose-spec `device_read_bps`.
    package var readBytesPerSecond: [DeviceValue] = []
    /// compose-spec `device_read_iops`.
    package var readOperationsPerSecond: [DeviceValue] = []
    /// compose-spec `device_write_bps`.
    package var writeBytesPerSecond: [DeviceValue] = []
    /// compose-spec `device_write_iops`.
    package var writeOperationsPerSecond: [DeviceValue] = []
    package init() {}

    /// A number for one block device.
    package struct DeviceValue: Hashable, Codable, Sendable {
        /// The device's path on the host.
        package var path: String
        package var value: Int64

        package init(path: String, value: Int64) {
            self.path = path
            self.value = value
        }
    }
}
