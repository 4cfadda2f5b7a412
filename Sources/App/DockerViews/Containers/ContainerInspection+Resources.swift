import ContainerRuntime
import GoTemplate

extension ContainerInspection {
    /// Limits and devices, in docker's units and with its zeros for what was not asked for.
    var resources: Members {
        processors + devices + memory + [
            ("PidsLimit", spec.resources.maximumProcesses.map { .integer($0) } ?? .null),
            ("Ulimits", ulimits), ("CpuCount", .integer(0)), ("CpuPercent", .integer(0)),
            ("IOMaximumIOps", .integer(0)), ("IOMaximumBandwidth", .integer(0)),
        ]
    }

    private var processors: Members {
        let limits = spec.resources
        let blockIO = limits.blockIO ?? BlockIOLimits()
        return [
            ("CpuShares", .integer(limits.cpuShares ?? 0)),
            ("Memory", .integer(limits.memoryBytes ?? 0)),
            ("NanoCpus", .integer(limits.nanoCPUs ?? 0)),
            ("CgroupParent", .string(limits.cgroupParent ?? "")),
            ("BlkioWeight", .integer(blockIO.weight ?? 0)),
            ("BlkioWeightDevice", Self.rates(blockIO.deviceWeights, "Weight")),
            ("BlkioDeviceReadBps", Self.rates(blockIO.readBytesPerSecond)),
            ("BlkioDeviceWriteBps", Self.rates(blockIO.writeBytesPerSecond)),
            ("BlkioDeviceReadIOps", Self.rates(blockIO.readOperationsPerSecond)),
            ("BlkioDeviceWriteIOps", Self.rates(blockIO.writeOperationsPerSecond)),
            ("CpuPeriod", .integer(limits.cpuPeriodMicroseconds ?? 0)),
            ("CpuQuota", .integer(limits.cpuQuotaMicroseconds ?? 0)),
            ("CpuRealtimePeriod", .integer(limits.cpuRealtimePeriodMicroseconds ?? 0)),
            ("CpuRealtimeRuntime", .integer(limits.cpuRealtimeRuntimeMicroseconds ?? 0)),
            ("CpusetCpus", .string(limits.cpuSet ?? "")),
            ("CpusetMems", .string(limits.memoryNodes ?? "")),
        ]
    }

    private var devices: Members {
        let mappings = (spec.devices?.mappings ?? []).map { mapping in
            GoValue.object([
                ("PathOnHost", .string(mapping.source)),
                ("PathInContainer", .string(mapping.target)),
                ("CgroupPermissions", .string(mapping.access.letters)),
            ])
        }
        let rules = (spec.devices?.rules ?? []).map(\.description)
        return [
            ("Devices", .list(mappings)),
            ("DeviceCgroupRules", .stringsOrNull(rules)), ("DeviceRequests", requests),
        ]
    }

    /// As docker writes those that are asked for by name; what files say of them is not shown.
    private var requests: GoValue {
        guard let names = spec.devices?.names else { return .nothing(.list) }
        return .list([
            .object([
                ("Driver", .string("cdi")), ("Count", .integer(0)), ("DeviceIDs", .strings(names)),
                ("Capabilities", .nothing(.list)), ("Options", .nothing(.map)),
            ])
        ])
    }

    private var memory: Members {
        let limits = spec.resources
        let twice = (limits.memoryBytes ?? 0).multipliedReportingOverflow(by: 2)
        let both = limits.memorySwapBytes ?? (twice.overflow ? -1 : twice.partialValue)
        return [
            ("MemoryReservation", .integer(limits.memoryReservationBytes ?? 0)),
            ("MemorySwap", .integer(both)),
            ("MemorySwappiness", limits.memorySwappiness.map { .integer($0) } ?? .null),
            ("OomKillDisable", limits.oomKillIsDisabled.map { .bool($0) } ?? .null),
        ]
    }

    private var ulimits: GoValue {
        let limits = spec.process.resourceLimits.map { limit in
            GoValue.object([
                ("Name", .string(limit.name)), ("Hard", Self.limit(limit.hard)),
                ("Soft", Self.limit(limit.soft)),
            ])
        }
        return .list(limits)
    }

    /// No limit is -1.
    private static func limit(_ value: UInt64) -> GoValue {
        .integer(value == .max ? -1 : Int64(clamping: value))
    }

    private static func rates(
        _ devices: [BlockIOLimits.DeviceValue],
        _ name: String = "Rate"
    ) -> GoValue {
        let rates = devices.map { device in
            GoValue.object([("Path", .string(device.path)), (name, .integer(device.value))])
        }
        return .list(rates)
    }
}
