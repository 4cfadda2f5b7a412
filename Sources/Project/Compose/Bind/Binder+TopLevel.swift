import Addresses
import OrderedCollections

/// What services of a project use.
extension Binder {
    mutating func network(_ node: Node, key: String) -> NetworkDeclaration {
        var network = NetworkDeclaration(name: node["name"]?.string ?? key)
        network.external = node["external"]?.bool ?? false
        network.isInternal = node["internal"]?.bool ?? false
        network.attachable = node["attachable"]?.bool ?? false
        if let driver = text(node["driver"]) { network.driver = driver }
        network.driverOptions = unordered(node["driver_opts"])
        network.enableIPv4 = node["enable_ipv4"]?.bool
        network.enableIPv6 = node["enable_ipv6"]?.bool
        network.labels = unordered(node["labels"])
        guard let ipam = node["ipam"] else { return network }
        network.ipamDriver = text(ipam["driver"])
        network.ipamOptions = unordered(ipam["options"])
        diagnostics.enter("networks")
        diagnostics.enter(key)
        diagnostics.enter("ipam")
        network.pools = each(ipam, "config") { $0.pool($1) }
        for _ in 0..<3 { diagnostics.leave() }
        return network
    }

    private mutating func pool(_ node: Node) -> NetworkDeclaration.AddressPool? {
        let subnet: IPSubnet? = value(
            node,
            "subnet",
            { IPSubnet($0) },
            Mistake.always(Mistake.isNot("a subnet", such: "172.28.0.0/16")),
            mayBeEmpty: false
        )
        var pool = NetworkDeclaration.AddressPool(subnet: subnet)
        pool.ipRange = value(
            node,
            "ip_range",
            { IPSubnet($0) },
            Mistake.always(Mistake.isNot("a range of addresses", such: "172.28.5.0/24")),
            mayBeEmpty: false
        )
        pool.gateway = value(
            node,
            "gateway",
            { IPAddress($0) },
            { Mistake("\"\($0)\" is not an address", endsEveryLoad: true) },
            mayBeEmpty: false
        )
        guard let others = node["aux_addresses"], let entries = others.map else { return pool }
        diagnostics.enter("aux_addresses")
        for name in entries.keys {
            pool.auxAddresses[name] = value(
                others,
                name,
                { IPAddress($0) },
                { Mistake("\"\($0)\" is not an address") }
            )
        }
        diagnostics.leave()
        return pool
    }

    func volume(_ node: Node, key: String) -> VolumeDeclaration {
        var volume = VolumeDeclaration(name: node["name"]?.string ?? key)
        volume.external = node["external"]?.bool ?? false
        if let driver = text(node["driver"]) { volume.driver = driver }
        volume.driverOptions = unordered(node["driver_opts"])
        volume.labels = unordered(node["labels"])
        return volume
    }

    func fileDeclaration(_ node: Node, key: String) -> FileDeclaration {
        var file = FileDeclaration(name: node["name"]?.string ?? key)
        file.external = node["external"]?.bool ?? false
        file.file = text(node["file"])
        file.environment = text(node["environment"])
        file.content = node["content"]?.string
        file.labels = texts(node["labels"])
        file.driver = text(node["driver"])
        file.driverOpts = texts(node["driver_opts"])
        file.templateDriver = text(node["template_driver"])
        return file
    }

    func model(_ node: Node) -> ModelDeclaration? {
        guard let name = node["model"]?.string else { return nil }
        var model = ModelDeclaration(model: name)
        model.name = text(node["name"])
        model.contextSize = node["context_size"]?.int
        model.runtimeFlags = node["runtime_flags"]?.strings ?? []
        return model
    }
}
