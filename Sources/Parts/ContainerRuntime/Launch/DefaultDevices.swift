import Glibc

/// What every container finds in `/dev`. OCI runtime-spec "Default Devices"; the links are
/// Docker's.
enum DefaultDevices {
    static let nodes: [(name: String, major: UInt32, minor: UInt32)] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9),
        ("tty", 5, 0),
    ]

    static let links: [(String, String?)] = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ]
}

/// A side channel between containers, masked per processor (GHSA-6fw5-f8r9-fgfm).
enum ThermalThrottle {
    /// Those this machine has, looked for once: processors do not come and go.
    static let paths: [String] = {
        let count = sysconf(CInt(_SC_NPROCESSORS_CONF))
        return (0..<max(0, count)).map { "/sys/devices/system/cpu/cpu\($0)/thermal_throttle" }
            .filter { access($0, F_OK) == 0 }
    }()
}
