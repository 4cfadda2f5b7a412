/// What a service may use, and what it may do.
extension ShapeCase {
    static let limits: [ShapeCase] =
        [
            web("annotations", "", "annotations: {a: b}"),
            web("cgroup_parent", "", "cgroup_parent: /batch"),
            web("cpu_period", "", "cpu_period: 50000"),
            web("cpu_quota", "", "cpu_quota: 50000"),
            web("cpu_rt_period", "", "cpu_rt_period: 1000000"),
            web("cpu_rt_runtime", "", "cpu_rt_runtime: 9000"),
            web("cpu_shares", "", "cpu_shares: 512"),
            web("cpus", "cpus: 1", "cpus: 0.5"),
            web("cpuset", "cpuset: '0'", "cpuset: 0-1"),
            web("deploy.resources.limits.cpus", limit("cpus: '1'"), limit("cpus: '0.5'")),
            web("deploy.resources.limits.memory", limit("memory: 64m"), limit("memory: 65m")),
            web("deploy.resources.limits.pids", limit("pids: 10"), limit("pids: 11")),
            web(
                "deploy.resources.reservations.memory",
                "",
                "deploy: {resources: {reservations: {memory: 32m}}}"
            ),
            web("device_cgroup_rules", "", "device_cgroup_rules: ['c 10:200 rw']"),
            web("devices[].source", "devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x']"),
            web("devices[].target", "devices: ['/dev/a:/dev/x']", "devices: ['/dev/a:/dev/y']"),
            web("devices[].permissions", "devices: ['/dev/a']", "devices: ['/dev/a:/dev/a:r']"),
            web("gpus[].driver", gpu("driver: a, count: 1"), gpu("driver: b, count: 1")),
            web("gpus[].count", gpu("driver: a, count: 1"), gpu("driver: a, count: 2")),
            web(
                "gpus[].device_ids",
                gpu("driver: a, device_ids: ['0']"),
                gpu("driver: a, device_ids: ['1']")
            ),
            reserved("driver", "driver: a, count: 1", "driver: b, count: 1"),
            reserved("count", "driver: a, count: 1", "driver: a, count: 2"),
            reserved(
                "device_ids",
                "driver: a, device_ids: ['0']",
                "driver: a, device_ids: ['1']"
            ),
            web("group_add", "", "group_add: [audio]"),
            web("mem_limit", "", "mem_limit: 64m"),
            web("mem_reservation", "", "mem_reservation: 64m"),
            web("mem_swappiness", "", "mem_swappiness: 10"),
            web("memswap_limit", "mem_limit: 64m", "mem_limit: 64m\nmemswap_limit: 65m"),
            web("oom_kill_disable", "mem_limit: 64m", "mem_limit: 64m\noom_kill_disable: true"),
            web("oom_score_adj", "", "oom_score_adj: 10"),
            web("pids_limit", "pids_limit: 10", "pids_limit: -1"),
            web("privileged", "", "privileged: true"),
            web("security_opt", "", "security_opt: [no-new-privileges]"),
            web("shm_size", "", "shm_size: 1m"),
            web("ulimits.*.soft", ulimit(1, 9), ulimit(2, 9)),
            web("ulimits.*.hard", ulimit(1, 9), ulimit(1, 8)),
            web("blkio_config.weight", "", "blkio_config: {weight: 100}"),
        ]
        + ["weight_device", "device_read_bps", "device_read_iops", "device_write_bps"]
        .flatMap(blockIO) + blockIO("device_write_iops")

    private static func gpu(_ parts: String) -> String { "gpus: [{\(parts)}]" }

    private static func reserved(_ key: String, _ before: String, _ after: String) -> ShapeCase {
        func lines(_ parts: String) -> String {
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], \(parts)}]}}}"
        }
        return web(
            "deploy.resources.reservations.devices[].\(key)",
            lines(before),
            lines(after)
        )
    }

    private static func limit(_ part: String) -> String {
        "deploy: {resources: {limits: {\(part)}}}"
    }

    private static func ulimit(_ soft: Int, _ hard: Int) -> String {
        "ulimits: {nofile: {soft: \(soft), hard: \(hard)}}"
    }

    private static func blockIO(_ list: String) -> [ShapeCase] {
        let key = list == "weight_device" ? "weight" : "rate"
        let lines = { (path: String, value: Int) in
            "blkio_config: {\(list): [{path: \(path), \(key): \(value)}]}"
        }
        return [
            web("blkio_config.\(list)[].path", lines("/dev/a", 100), lines("/dev/b", 100)),
            web("blkio_config.\(list)[].\(key)", lines("/dev/a", 100), lines("/dev/a", 200)),
        ]
    }
}
