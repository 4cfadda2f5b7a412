import KernelNames

/// The sandbox of a container. The defaults are Docker's (reference: moby/profiles).
package struct SecuritySpec: Hashable, Codable, Sendable {
    /// Capabilities to hold, sorted; `CAP_` and upper case.
    package var capabilities: [String] = Capability.dockerDefaults
    package var noNewPrivileges = false
    package var seccomp: Seccomp = .dockerDefault
    package var maskedPaths: [String] = SecuritySpec.defaultMaskedPaths
    package var readOnlyPaths: [String] = SecuritySpec.defaultReadOnlyPaths

    /// Which system calls the container may make (seccomp(2)).
    package enum Seccomp: Hashable, Codable, Sendable {
        case dockerDefault
        case unconfined
        /// A profile in moby's JSON format.
        case profile(json: String)
    }

    package init() {}

    /// Whether the container may change its own links, addresses and routes.
    package var administersNetwork: Bool { capabilities.contains("CAP_NET_ADMIN") }
}

extension SecuritySpec {
    package static let defaultMaskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
        "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
        "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ]
    package static let defaultReadOnlyPaths = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
}

/// cgroup limits; nil leaves the kernel's default.
package struct ResourceLimits: Hashable, Codable, Sendable {
    package var memoryBytes: Int64?
    /// compose-spec `pids_limit`; a fork bomb stops here. -1 is no limit.
    package var maximumProcesses: Int64? = 2048
    package var cpuShares: Int64?
    package var cpuQuotaMicroseconds: Int64?
    package var cpuPeriodMicroseconds: Int64?
    package var cpuSet: String?
    package init() {}
}
