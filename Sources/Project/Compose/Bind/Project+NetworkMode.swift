import OrderedCollections

extension Project {
    /// Connects the services whose `network_mode` names a network. `bridge` is Docker's network for
    /// those that have none of their own: here it is the project's default one, as declared in the
    /// file or not. Any other name is that of a network that exists.
    mutating func connectByMode(default declared: NetworkDeclaration?) {
        for path in [\Project.services, \Project.disabledServices] {
            for name in self[keyPath: path].keys {
                guard case .named(let network)? = self[keyPath: path][name]?.networkMode else {
                    continue
                }
                let key = keyOfNetwork(byMode: network, default: declared)
                self[keyPath: path][name]?.networks = [key: ServiceNetwork()]
            }
        }
    }

    private mutating func keyOfNetwork(
        byMode mode: String,
        default declared: NetworkDeclaration?
    ) -> String {
        if NetworkModeDeclaration.namesOfDefault.contains(mode) {
            let made = NetworkDeclaration(name: "\(name)_default")
            networks["default"] = networks["default"] ?? declared ?? made
            return "default"
        }
        if let key = networks.first(where: { $0.value.name == mode })?.key { return key }
        var network = NetworkDeclaration(name: mode)
        network.external = true
        // No key of a file has a blank, so that nothing of the file is overwritten.
        let key = "network \(mode)"
        networks[key] = network
        return key
    }
}
