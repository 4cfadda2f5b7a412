import OrderedCollections

/// What a container may use of the machine.
extension Binder {
    mutating func resources(_ node: Node) -> ResourceDeclaration {
        var resources = ResourceDeclaration()
        resources.memLimitBytes = bytes(node["mem_limit"])
        resources.memReservationBytes = bytes(node["mem_reservation"])
        resources.memswapLimitBytes = bytes(node["memswap_limit"])
        resources.memSwappiness = bytes(node["mem_swappiness"])
        resources.shmSizeBytes = bytes(node["shm_size"])
        resources.oomKillDisable = node["oom_kill_disable"]?.bool ?? false
        resources.oomScoreAdj = node["oom_score_adj"]?.int
        resources.cpus = number(node["cpus"])
        resources.cpuShares = node["cpu_shares"]?.int
        resources.cpuPeriodMicroseconds = node["cpu_period"]?.int
        resources.cpuQuotaMicroseconds = node["cpu_quota"]?.int
        resources.cpuRtPeriodMicroseconds = node["cpu_rt_period"]?.int
        resources.cpuRtRuntimeMicroseconds = node["cpu_rt_runtime"]?.int
        resources.cpuset = value(
            node,
            "cpuset",
            { CPUSet($0) },
            Mistake.isNot("a list of processors", such: "0-3,7")
        )
        resources.cpuCount = node["cpu_count"]?.int
        resources.cpuPercent = number(node["cpu_percent"])
        resources.pidsLimit = node["pids_limit"]?.int
        resources.ulimits = ulimits(node)
        resources.blkioConfig = node["blkio_config"].map(blockIO)
        resources.cgroupParent = text(node["cgroup_parent"])
        resources.sysctls = texts(node["sysctls"])
        return resources
    }

    mutating func ulimits(_ node: Node) -> OrderedDictionary<String, UlimitDeclaration> {
        guard let entries = node["ulimits"]?.map, !entries.isEmpty else { return [:] }
        return inside("ulimits") { binder in
            var result: OrderedDictionary<String, UlimitDeclaration> = [:]
            for (name, entry) in entries {
                result[name] = binder.inside(name) { $0.ulimit(entry, name) }
            }
            return result
        }
    }

    private mutating func ulimit(_ node: Node, _ name: String) -> UlimitDeclaration? {
        if !UlimitDeclaration.names.contains(name) {
            report(
                Mistake.unknown(
                    "ulimit",
                    among: UlimitDeclaration.names,
                    else: "a name of setrlimit(2) in lower case, such as nofile"
                )(name),
                at: node.keyMark
            )
        }
        if let both = node.int { return UlimitDeclaration(soft: both, hard: both) }
        guard let soft = node["soft"], let hard = node["hard"], let soft = soft.int,
            let limit = hard.int
        else { return nil }
        if limit >= 0, soft > limit || soft < 0 {
            report(
                Mistake("the soft limit is above the hard limit", hint: "make hard the larger one"),
                at: hard.mark
            )
        }
        return UlimitDeclaration(soft: soft, hard: limit)
    }

    private func blockIO(_ node: Node) -> BlockIODeclaration {
        var result = BlockIODeclaration()
        result.weight = node["weight"]?.int
        result.weightDevice = (node["weight_device"]?.list ?? []).compactMap { item in
            guard let path = item["path"]?.string, let weight = item["weight"]?.int else {
                return nil
            }
            return .init(path: path, weight: weight)
        }
        result.deviceReadBps = rates(node["device_read_bps"])
        result.deviceReadIops = rates(node["device_read_iops"])
        result.deviceWriteBps = rates(node["device_write_bps"])
        result.deviceWriteIops = rates(node["device_write_iops"])
        return result
    }

    private func rates(_ node: Node?) -> [BlockIODeclaration.Rate] {
        (node?.list ?? []).compactMap { item in
            guard let path = item["path"]?.string, let rate = bytes(item["rate"]) else {
                return nil
            }
            return .init(path: path, rate: rate)
        }
    }

    mutating func devices(_ node: Node) -> DeviceDeclaration {
        var devices = DeviceDeclaration()
        devices.mappings = each(node, "devices") { $0.device($1) }
        devices.cgroupRules = values(
            node,
            "device_cgroup_rules",
            { DeviceRule($0) },
            Mistake.isNot("a rule for devices", such: "\"c 1:3 rwm\"")
        )
        devices.gpus = (node["gpus"]?.list ?? []).map(deviceRequest)
        return devices
    }

    private mutating func device(_ node: Node) -> DeviceMapping? {
        guard let source = node["source"]?.string else { return nil }
        let permissions: String? = value(
            node,
            "permissions",
            { DeviceRule.isPermissions($0) ? $0 : nil },
            { Mistake("\"\($0)\" is not a device permission", hint: "letters of rwm") }
        )
        return DeviceMapping(
            source: source,
            target: text(node["target"]),
            permissions: permissions
        )
    }

    func deviceRequest(_ node: Node) -> DeviceRequest {
        var request = DeviceRequest()
        request.driver = text(node["driver"])
        request.capabilities = node["capabilities"]?.strings ?? []
        request.count = node["count"]?.int
        request.deviceIDs = node["device_ids"]?.strings ?? []
        request.options = texts(node["options"])
        return request
    }
}
