/// Which limits the control groups can hold.
extension MachineCheck {
    private static let neededControllers: [(name: String, limit: String)] = [
        ("memory", "mem_limit"), ("cpu", "cpus"), ("pids", "pids_limit"), ("io", "blkio_config"),
        ("cpuset", "cpuset"),
    ]

    /// `present` is what `cgroup.controllers` says, or the first column of `/proc/cgroups`.
    static func controllers(present: Set<Substring>) -> Finding {
        let absent = neededControllers.filter { !present.contains(Substring($0.name)) }
        guard !absent.isEmpty else {
            return Finding(
                verdict: .good,
                what: "controllers",
                state: neededControllers.map(\.name).joined(separator: " ")
            )
        }
        let isMemory = absent.contains { $0.name == "memory" }
        return Finding(
            verdict: .degraded,
            what: "controllers",
            state: "no \(absent.map(\.name).joined(separator: " ")): "
                + "\(absent.map(\.limit).joined(separator: ", ")) cannot be carried out",
            remedy: isMemory
                ? "add cgroup_enable=memory to the kernel's command line"
                : "use a kernel with these controllers, or have who started berth delegate them"
        )
    }

    static func controllers() -> Finding {
        let unified = text("/sys/fs/cgroup/cgroup.controllers")
        guard unified.isEmpty else {
            return controllers(present: Set(unified.split(whereSeparator: \.isWhitespace)))
        }
        // Version 1 calls the one of input and output blkio.
        let lines = text("/proc/cgroups").split(separator: "\n")
            .filter { !$0.hasPrefix("#") && $0.hasSuffix("\t1") }
        let names = lines.compactMap { $0.split(separator: "\t").first }
        return controllers(present: Set(names.map { $0 == "blkio" ? "io" : $0 }))
    }
}
