import Glibc

/// The link of the host that a network is on, in the calling thread's network namespace.
struct ParentLink {
    let name: String
    private let network: NetworkConfiguration
    private let hasNone: Bool
    private let state: String
    private var action: String { "make network \(network.name)" }

    init(of network: NetworkConfiguration, _ options: ParentOptions, in state: String) {
        self.network = network
        self.state = state
        hasNone = options.parent == nil
        // As docker names it.
        name = options.parent ?? "dm-" + network.id.prefix(12)
    }

    /// The link; a part for a VLAN (`eth0.10`) of one that is there is made when it is missing, and so
    /// is the one of a network that has none.
    func ensure(_ route: inout NetlinkSocket) throws(NetworkError) -> Link {
        do throws(NetworkError) { return try route.link(name) } catch  where error.isMissingLink {}
        if hasNone {
            try route.perform([RouteRequest.createDummy(name, action: action)])
        } else {
            let (parent, number) = try vlan()
            let index: Int32
            do throws(NetworkError) {
                index = try route.link(parent).index
            } catch  where error.isMissingLink {
                throw missing(parent)
            }
            try route.perform([
                RouteRequest.createVLAN(name, number, of: index, action: action)
            ])
        }
        return try route.link(
            name,
            after: [
                RouteRequest.setAlias(name, Owner(in: state)), RouteRequest.setUp(name),
            ]
        )
    }

    /// Removes what `ensure` has made.
    func remove(_ route: inout NetlinkSocket) throws(NetworkError) {
        do throws(NetworkError) {
            let link = try route.link(name)
            guard let owner = link.owner, owner == Owner(in: state) else { return }
        } catch  where error.isMissingLink {
            return
        }
        try route.perform([RouteRequest.delete(link: name)])
    }

    /// What `eth0.10` means.
    private func vlan() throws(NetworkError) -> (parent: String, number: UInt16) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw NetworkError(
                action: action,
                reason:
                    "the host has no link \(name), and it is not one for a VLAN, such as eth0.10",
                hint: "`ip link` lists those that are there"
            )
        }
        guard let number = UInt16(parts[1]), (1...4094).contains(number) else {
            throw NetworkError(
                action: action,
                reason: "\(parts[1]) is not the number of a VLAN",
                hint: "1 to 4094"
            )
        }
        return (String(parts[0]), number)
    }

    private func missing(_ parent: String) -> NetworkError {
        NetworkError(
            action: action,
            reason: "-o parent interface was not found on the host: \(parent)",
            hint: "`ip link` lists those that are there"
        )
    }
}
