import OrderedCollections

/// The last step: a canonical, checked tree becomes a `Project`, and positions are dropped.
/// What the engine does not carry out is not in a `Project`; `UnsupportedAttributes` has said so.
struct Binder {
    func project(_ root: Node, name: String, directory: String, files: [String]) -> Project {
        var project = Project(name: name, directory: directory, files: files)
        project.services = services(root["services"]?.map ?? [:])
        for (key, node) in root["networks"]?.map ?? [:] {
            project.networks[key] = network(node, key: key)
        }
        for (key, node) in root["volumes"]?.map ?? [:] {
            project.volumes[key] = volume(node, key: key)
        }
        return project
    }

    func services(_ services: Node.Mapping) -> OrderedDictionary<String, Service> {
        services.mapValuesWithKeys { ServiceBinder().service($1, name: $0) }
    }

    private func network(_ node: Node, key: String) -> NetworkDeclaration {
        var network = NetworkDeclaration(name: node["name"]?.string ?? key)
        network.external = node["external"]?.bool ?? false
        network.isInternal = node["internal"]?.bool ?? false
        if let driver = node["driver"]?.string, !driver.isEmpty { network.driver = driver }
        network.driverOptions = texts(node["driver_opts"])
        network.labels = texts(node["labels"])
        for pool in node["ipam"]?["config"]?.list ?? [] {
            guard let subnet = pool["subnet"]?.string else { continue }
            var bound = NetworkDeclaration.AddressPool(subnet: subnet)
            bound.ipRange = pool["ip_range"]?.string
            bound.gateway = pool["gateway"]?.string
            network.pools.append(bound)
        }
        return network
    }

    private func volume(_ node: Node, key: String) -> VolumeDeclaration {
        var volume = VolumeDeclaration(name: node["name"]?.string ?? key)
        volume.external = node["external"]?.bool ?? false
        if let driver = node["driver"]?.string, !driver.isEmpty { volume.driver = driver }
        volume.driverOptions = texts(node["driver_opts"])
        volume.labels = texts(node["labels"])
        return volume
    }

    private func texts(_ node: Node?) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in node?.map ?? [:] { result[key] = value.string ?? "" }
        return result
    }
}

extension OrderedDictionary where Key == String, Value == Node {
    fileprivate func mapValuesWithKeys<Result>(
        _ convert: (String, Node) -> Result
    ) -> OrderedDictionary<String, Result> {
        OrderedDictionary<String, Result>(
            uniqueKeysWithValues: map { ($0.key, convert($0.key, $0.value)) }
        )
    }
}
