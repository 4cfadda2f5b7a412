package import Compose
package import ContainerRuntime
import KernelNames

extension ResourceLimits {
    /// What a service may use. `deploy` and the older attributes say the same where both do; 0 says
    /// nothing, as with Docker.
    package init(of service: Service) {
        let (own, deploy) = (service.resources, service.deploy)
        self.init()
        memoryBytes = deploy?.limits.memoryBytes.said ?? own.memLimitBytes.said
        memoryReservationBytes =
            deploy?.reservations.memoryBytes.said ?? own.memReservationBytes.said
        memorySwapBytes = own.memswapLimitBytes.said
        // -1 is the kernel's own.
        memorySwappiness = own.memSwappiness.flatMap { $0 < 0 ? nil : $0 }
        oomKillIsDisabled = own.oomKillDisable ? true : nil
        oomScoreAdjustment = own.oomScoreAdj.said.map { Int32(clamping: $0) }
        if let limit = deploy?.limits.pids.said ?? own.pidsLimit.said {
            maximumProcesses = max(limit, -1)
        }
        if let count = deploy?.limits.cpus ?? own.cpus, count > 0 {
            nanoCPUs = Int64(exactly: (count * 1e9).rounded()) ?? .max
        }
        cpuShares = own.cpuShares.said
        cpuQuotaMicroseconds = own.cpuQuotaMicroseconds.said
        cpuPeriodMicroseconds = own.cpuPeriodMicroseconds.said
        cpuRealtimePeriodMicroseconds = own.cpuRtPeriodMicroseconds.said
        cpuRealtimeRuntimeMicroseconds = own.cpuRtRuntimeMicroseconds.said
        cpuSet = own.cpuset?.text
        blockIO = own.blkioConfig.map(BlockIOLimits.init)
        cgroupParent = own.cgroupParent.map(cleaned)
    }
}

extension BlockIOLimits {
    fileprivate init(of declaration: BlockIODeclaration) {
        self.init()
        weight = declaration.weight.said
        deviceWeights = declaration.weightDevice.map {
            DeviceValue(path: $0.path, value: $0.weight)
        }
        func values(_ rates: [BlockIODeclaration.Rate]) -> [DeviceValue] {
            rates.map { DeviceValue(path: $0.path, value: $0.rate) }
        }
        readBytesPerSecond = values(declaration.deviceReadBps)
        readOperationsPerSecond = values(declaration.deviceReadIops)
        writeBytesPerSecond = values(declaration.deviceWriteBps)
        writeOperationsPerSecond = values(declaration.deviceWriteIops)
    }
}

extension [ResourceLimit] {
    /// `ulimits` of a service, in the order of the file; -1 is no limit.
    init(of service: Service) {
        func number(_ value: Int64) -> UInt64 { value < 0 ? .max : UInt64(value) }
        self = service.resources.ulimits.map { name, limit in
            ResourceLimit(name: name, soft: number(limit.soft), hard: number(limit.hard))
        }
    }
}

extension DeviceSpec {
    /// nil for a service that says nothing of devices.
    init?(of service: Service) {
        let devices = service.devices
        let edits = devices.edits ?? DeviceEdits()
        guard !devices.mappings.isEmpty || !devices.cgroupRules.isEmpty || !edits.names.isEmpty
        else { return nil }
        self.init()
        // What files say of the others is in `edits`.
        let nodes = devices.mappings.filter { !DeviceMapping.isQualifiedName($0.source) }
        mappings = nodes.map { mapping in
            Mapping(
                source: mapping.source,
                target: cleaned(mapping.target ?? mapping.source),
                access: mapping.permissions.flatMap { .init(parsing: $0) } ?? .all
            )
        }
        mappings += edits.nodes.map { node in
            var mapping = Mapping(
                source: node.hostPath,
                target: cleaned(node.path),
                access: .init(parsing: node.permissions) ?? .all
            )
            mapping.owner = .init(mode: node.mode, user: node.user, group: node.group)
            return mapping
        }
        names = edits.names.isEmpty ? nil : edits.names
        rules = devices.cgroupRules.compactMap { .init(parsing: $0.text) }
    }
}

extension SecuritySpec {
    /// The sandbox of a service. A privileged one has every capability whatever it drops, as with
    /// Docker; a profile that it names itself holds all the same.
    init(of service: Service) throws(ReconcilerError) {
        let declaration = service.security
        self = declaration.privileged ? .privileged : SecuritySpec()
        if !declaration.privileged {
            capabilities = Capability.granted(
                adding: declaration.capAdd,
                dropping: declaration.capDrop
            )
        }
        for (index, option) in declaration.securityOpt.enumerated() {
            switch option {
            case .noNewPrivileges(let flag): noNewPrivileges = flag
            case .seccompUnconfined: seccomp = .unconfined
            case .seccompBuiltin: seccomp = .dockerDefault
            case .seccompProfile(let path, let json):
                guard let json else {
                    throw ReconcilerError(
                        "service \"\(service.name)\"",
                        "the seccomp profile \(path) was not read",
                        at: service.path("security_opt[\(index)]")
                    )
                }
                seccomp = .profile(json: json)
            case .appArmor(let profile): appArmor = profile
            // Nothing is labelled; the note is given when the file is read.
            case .label: break
            case .systemPathsUnconfined:
                maskedPaths = []
                readOnlyPaths = []
            }
        }
    }
}

extension Int64? {
    /// 0 is what an attribute that is not there has.
    fileprivate var said: Int64? { self == 0 ? nil : self }
}
