import KernelNames

/// The sandbox of a container. The defaults are Docker's (reference: moby/profiles).
package struct SecuritySpec: Hashable, Codable, Sendable {
    /// Capabilities to hold, sorted; `CAP_` and upper case.
    package var capabilities: [String] = Capability.dockerDefaults
    package var noNewPrivileges = false
    package var seccomp: Seccomp = .dockerDefault
    package var maskedPaths: [String] = SecuritySpec.defaultMaskedPaths
    package var readOnlyPaths: [String] = SecuritySpec.defaultReadOnlyPaths
    /// nil is what every container has, the sandbox that the fields above describe.
    package var privilege: Privilege?
    /// The AppArmor profile that programs execute under; nil keeps that of whoever started us.
    package var appArmor: String?

    /// What a container may beyond its capabilities. compose-spec `privileged`.
    package enum Privilege: String, Hashable, Codable, Sendable {
        /// It has the devices of the host, and can write what the kernel shows of itself.
        case full
    }

    /// Which system calls the container may make (seccomp(2)).
    package enum Seccomp: Hashable, Codable, Sendable {
        case dockerDefault
        case unconfined
        /// A profile in moby's JSON format.
        case profile(json: String)
    }

    package init() {}

    /// The sandbox of a privileged container: capabilities are the only fence left, and it has all.
    package static var privileged: SecuritySpec {
        var security = SecuritySpec()
        security.capabilities = Capability.granted(adding: [.all], dropping: [])
        security.seccomp = .unconfined
        security.maskedPaths = []
        security.readOnlyPaths = []
        security.privilege = .full
        return security
    }

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
