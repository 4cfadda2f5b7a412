import Addresses
import CLinux
import Linux
import Testing

@testable import ContainerNetwork

/// Looking at the machine's host, and changing it behind our back.
extension TestMachine {
    func changeFirewall(_ requests: [NetlinkRequest]) async throws {
        try await NamespaceThread.run(in: host) {
            var netfilter = try NetlinkSocket(.netfilter)
            try netfilter.commit(requests)
        }
    }

    /// Every rule of our table, chain by chain.
    func rules() async throws -> [String] {
        try await NamespaceThread.run(in: host) {
            var netfilter = try NetlinkSocket(.netfilter)
            return try netfilter.dump(NFTables.listRules(table: HostTable.name))
                .compactMap(NFTables.rule).map { "\($0.chain): \($0.comment)" }
        }
    }

    /// The tables that have chains.
    func chains() async throws -> Set<String> {
        try await NamespaceThread.run(in: host) {
            var netfilter = try NetlinkSocket(.netfilter)
            let chains = try netfilter.dump(NFTables.listChains())
            return Set(chains.compactMap { NFTables.chain($0)?.table })
        }
    }

    /// The families in which our table is.
    func families() async throws -> Set<UInt8> {
        try await NamespaceThread.run(in: host) {
            var netfilter = try NetlinkSocket(.netfilter)
            let chains = try netfilter.dump(NFTables.listChains()).compactMap(NFTables.chain)
            return Set(chains.filter { $0.table == HostTable.name }.map(\.family))
        }
    }

    func links() async throws -> Set<String> {
        try await NamespaceThread.run(in: host) {
            var route = try NetlinkSocket(.route)
            return Set(try route.dump(RouteRequest.listLinks()).compactMap(Link.init).map(\.name))
        }
    }

    /// nil where there is no such link.
    func isUp(_ name: String) async throws -> Bool? {
        try await NamespaceThread.run(in: host) {
            var route = try NetlinkSocket(.route)
            return try route.dump(RouteRequest.listLinks()).compactMap(Link.init)
                .first { $0.name == name }?.isUp
        }
    }

    /// What a user does to a link.
    enum LinkChange {
        case delete(String)
        case down(String)
        case loose(String)
        case withoutAddress(NetworkConfiguration)
        case withoutFilters(String)
        /// The filter of this link now lets in what comes from any address.
        case openFilter(String)
        /// The same by one that has the name of this endpoint's.
        case forgedFilter(String, Endpoint)
        /// The filter of this link is run, and what it says is not done.
        case idleFilter(String, Endpoint)
        case learningAnyNumber(String)
    }

    /// Lets in what comes from any address.
    private static var open: LinkProgram {
        LinkProgram(
            for: Endpoint(
                containerID: "",
                interfaceName: "",
                addresses: [],
                isDefaultRoute: false,
                administersNetwork: true
            )
        )
    }

    func change(_ change: LinkChange) async throws {
        try await NamespaceThread.run(in: host) {
            var route = try NetlinkSocket(.route)
            switch change {
            case .delete(let name): try route.perform([RouteRequest.delete(link: name)])
            case .down(let name): try route.perform([Requests.setDown(name)])
            case .loose(let name): try route.perform([RouteRequest.join(name, bridge: 0)])
            case .withoutAddress(let network):
                let index = try route.link(network.bridgeName).index
                var request = RouteRequest.add(
                    network.gateway,
                    in: network.subnet,
                    link: index,
                    action: "remove an address"
                )
                request.type = UInt16(RTM_DELADDR)
                request.flags = 0
                try route.perform([request])
            case .withoutFilters(let name):
                let index = try route.link(name).index
                try route.perform([Requests.removeFilters(link: index)])
            case .openFilter(let name):
                let index = try route.link(name).index
                #expect(try LinkFilter.put(Self.open, &route, link: index))
            case .forgedFilter(let name, let endpoint):
                var program = Self.open
                program.name = LinkProgram(for: endpoint).name
                let index = try route.link(name).index
                #expect(try LinkFilter.put(program, &route, link: index))
            case .idleFilter(let name, let endpoint):
                let program = LinkProgram(for: endpoint)
                let index = try route.link(name).index
                try route.perform([Requests.removeFilters(link: index)])
                try program.load().with { descriptor in
                    let filter = LinkFilter.newFilter(
                        index,
                        program.name,
                        descriptor: descriptor,
                        flags: 0
                    )
                    try route.perform([LinkFilter.newHook(index), filter])
                }
            case .learningAnyNumber(let name):
                let index = try route.link(name).index
                try route.perform([Requests.learnAnyNumber(bridge: index)])
            }
        }
    }

    func forwards() async throws -> Bool {
        try await NamespaceThread.run(in: host) { try Sysctl.read("ipv4/ip_forward") == "1" }
    }

    func setForwarding(_ isOn: Bool) async throws {
        try await NamespaceThread.run(in: host) {
            try Sysctl.write(isOn ? "1" : "0", to: "ipv4/ip_forward")
        }
    }
}
