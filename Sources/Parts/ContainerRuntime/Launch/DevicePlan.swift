import CLinux

/// The nodes that a container finds, and what it may do with devices.
struct DevicePlan {
    /// One node in the container.
    struct Node: Hashable {
        /// Absolute path in the container, cleaned.
        var target: String
        /// Where the host has it, for who may not make nodes.
        var source: String
        var kind: DeviceRule.Kind
        var major: UInt32
        var minor: UInt32
        var mode: UInt32 = 0o666
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// Those below `/dev` first; each target once.
    private(set) var nodes: [Node]
    private(set) var rules: [DeviceRule]

    /// Docker's: the default ones, of a privileged container all that the host has, and those of
    /// the spec, which the host must have now.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    init(_ spec: DeviceSpec?, privilege: SecuritySpec.Privilege?) throws(RuntimeError) {
        nodes = DefaultDevices.nodes.map { node in
            Node(
                target: "/dev/\(node.name)",
                source: "/dev/\(node.name)",
                kind: .character,
                major: node.major,
                minor: node.minor
            )
        }
        rules = DeviceRule.defaults
        if privilege == .full {
            let all = try HostDevice.all(in: "/dev", isLeftOut: Self.isContainersOwn)
            for (name, device) in all { try add(device, at: "/dev/\(name)") }
            rules = [.everything]
        }
        for mapping in spec?.mappings ?? [] { try add(mapping) }
        rules = (rules + (spec?.rules ?? [])).merged
        nodes = nodes.filter { $0.isInDev } + nodes.filter { !$0.isInDev }
    }

    private mutating func add(_ mapping: DeviceSpec.Mapping) throws(RuntimeError) {
        guard HostDevice.isFolder(mapping.source) else {
            let device = try HostDevice(at: mapping.source, for: "devices")
            return try add(device, at: mapping.target, mapping.access, mapping.owner)
        }
        for (name, device) in try HostDevice.all(in: mapping.source) {
            try add(device, at: "\(mapping.target)/\(name)", mapping.access, mapping.owner)
        }
    }

    /// Of two at one place the later one is taken, but for those that programs rely on.
    private mutating func add(
        _ device: HostDevice,
        at target: String,
        _ access: DeviceRule.Access = .all,
        _ owner: DeviceSpec.Mapping.Owner? = nil
    ) throws(RuntimeError) {
        rules.append(DeviceRule(device.kind, device.major, device.minor, access))
        let node = Node(
            target: target,
            source: device.path,
            kind: device.kind,
            major: device.major,
            minor: device.minor,
            mode: owner?.mode ?? device.mode,
            user: owner?.user ?? device.user,
            group: owner?.group ?? device.group
        )
        if node.isInDev, Self.isContainersOwn(String(target.dropFirst("/dev/".count))) {
            throw Self.taken(target)
        }
        guard let place = nodes.firstIndex(where: { $0.target == target }) else {
            return nodes.append(node)
        }
        if place < DefaultDevices.nodes.count {
            let own = nodes[place]
            guard own.major == node.major, own.minor == node.minor else { throw Self.taken(target) }
        } else {
            nodes[place] = node
        }
    }

    private static func taken(_ target: String) -> RuntimeError {
        RuntimeError(
            container: "",
            message: "devices: \(target) is what every container has for itself",
            hint: "give the device another path in the container"
        )
    }

    /// What is in the container's `/dev` whatever the host's has, by its name there.
    private static func isContainersOwn(_ name: String) -> Bool {
        let first = name.prefix { $0 != "/" }
        return ["pts", "shm", "mqueue", "fd", "stdin", "stdout", "stderr", "ptmx", "console"]
            .contains(first)
    }
}

extension DevicePlan.Node {
    var isInDev: Bool { target.hasPrefix("/dev/") }

    /// File type and permission bits.
    fileprivate var fileMode: UInt32 { (kind == .block ? 0o060000 : 0o020000) | mode }
}

extension SpecBuilder {
    /// Writes down the nodes: those below `/dev` by their place there.
    mutating func set(_ plan: DevicePlan) {
        let inner = plan.nodes.filter(\.isInDev).map { entry($0, beneath: "/dev/") }
        let outer = plan.nodes.filter { !$0.isInDev }.map { entry($0, beneath: "/") }
        fields.nodes = list(inner)
        fields.outer_nodes = list(outer)
    }

    private mutating func entry(_ node: DevicePlan.Node, beneath base: String) -> keeper_node {
        let parts = node.target.dropFirst(base.count).split(separator: "/")
        let folder = parts.dropLast().joined(separator: "/")
        return keeper_node(
            name: text(parts.last.map(String.init) ?? ""),
            folder: folder.isEmpty ? 0 : text(folder),
            source: text(node.source),
            mode: node.fileMode,
            major: node.major,
            minor: node.minor,
            user: node.user,
            group: node.group
        )
    }
}

extension DeviceRule {
    /// What a container of this spec may do with devices; nil where one of them is not on this
    /// machine any more.
    package static func all(
        of spec: DeviceSpec?,
        privilege: SecuritySpec.Privilege?
    ) -> [DeviceRule]? {
        guard spec != nil || privilege != nil else { return defaults }
        if privilege == .full { return [.everything] }
        // `try?`: that is what the result says.
        return try? DevicePlan(spec, privilege: nil).rules
    }
}
