import CLinux

/// What somebody who watches the network state is interested in: the containers he keeps. Everything
/// else that happens on a machine is looked at once and forgotten.
package struct NetworkInterest: Sendable {
    private var containers: [String: [NetworkConfiguration]] = [:]
    private var links: [String: Int] = [:]
    private var networks: [String: Int] = [:]

    package init() {}

    package var isEmpty: Bool { containers.isEmpty }

    /// Takes a container with the networks it is on; again replaces it.
    package mutating func add(_ container: String, on networks: [NetworkConfiguration]) {
        remove(container)
        containers[container] = networks
        count(container, networks, 1)
    }

    /// Lets go of a container.
    package mutating func remove(_ container: String) {
        guard let networks = containers.removeValue(forKey: container) else { return }
        count(container, networks, -1)
    }

    private mutating func count(
        _ container: String,
        _ networks: [NetworkConfiguration],
        _ step: Int
    ) {
        for network in networks {
            self.networks[network.id, default: 0] += step
            let driver = network.driver.driver
            let names =
                driver.links(of: network) + driver.links(ofContainer: container, on: network)
            for name in names { links[name, default: 0] += step }
        }
    }

    private func has(link name: String?) -> Bool { name.map { links[$0, default: 0] > 0 } ?? false }

    private func has(_ owner: Owner?) -> Bool {
        if let id = owner?.containerID { return containers[id] != nil }
        return owner?.networkID.map { networks[$0, default: 0] > 0 } ?? false
    }
}

extension NetworkInterest {
    /// Whether a notification of rtnetlink may mean that something of interest is not as it should be.
    /// `nameOf` gives the name that a link has by now.
    func concerns(route message: NetlinkMessage, nameOf: (Int32) -> String?) -> Bool {
        guard !isEmpty else { return false }
        switch CInt(message.type) {
        case CInt(RTM_DELLINK):
            return has(link: message.attributes(after: ifinfomsg.self).text(IFLA_IFNAME))
        case CInt(RTM_NEWLINK):
            guard let link = Link(message), has(link: link.name) else { return false }
            let isPort = link.name.hasPrefix(LinkName.vethPrefix)
            return !link.isUp || isPort && link.master == nil
                || link.maximumLearned.map { $0 != RouteRequest.maximumLearned } ?? false
        case CInt(RTM_DELADDR):
            // An IPv6 address has no label.
            guard message.payload.count >= MemoryLayout<ifaddrmsg>.size else { return false }
            let label = message.attributes(after: ifaddrmsg.self).text(IFA_LABEL)
            return has(link: label ?? nameOf(message.payload.number(at: 4, as: Int32.self)))
        case CInt(RTM_NEWNETCONF):
            // Forwarding or reverse path filtering was switched off, for a link or for all.
            let settings = message.attributes(after: netconfmsg.self)
            // Of IPv6 each new link says what it has; what counts is said for all.
            if message.payload.first == UInt8(AF_INET6),
                settings.native(UInt16(NETCONFA_IFINDEX), as: Int32.self) != -1
            {
                return false
            }
            if let forwarding = settings.native(UInt16(NETCONFA_FORWARDING), as: Int32.self) {
                return forwarding == 0
            }
            return settings.native(UInt16(NETCONFA_RP_FILTER), as: Int32.self) == 0
        case CInt(RTM_DELQDISC), CInt(RTM_NEWTFILTER), CInt(RTM_DELTFILTER):
            guard message.payload.count >= MemoryLayout<tcmsg>.size else { return false }
            // A filter that replaces ours is not told as the end of ours. Ours, put back, is told as
            // well: one more look, which finds nothing. A link that is gone has said so by itself.
            return has(link: nameOf(message.payload.number(at: 4, as: Int32.self)))
        default: return false
        }
    }

    /// The same for one of nf_tables.
    func concerns(firewall message: NetlinkMessage) -> Bool {
        guard !isEmpty, message.type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES) else { return false }
        let attributes = message.attributes(after: nfgenmsg.self)
        switch message.type {
        case NFTables.messageType(NFT_MSG_DELTABLE):
            return attributes.text(NFTA_TABLE_NAME) == HostTable.name
        case NFTables.messageType(NFT_MSG_NEWRULE), NFTables.messageType(NFT_MSG_DELRULE):
            // Of ours; or one that stood in a chain of others for us, or behind which we stand.
            return attributes.text(NFTA_RULE_TABLE) == HostTable.name || Admission.isOurs(message)
        case NFTables.messageType(NFT_MSG_DELCHAIN), NFTables.messageType(NFT_MSG_DELSET):
            return attributes.text(NFTA_CHAIN_TABLE) == HostTable.name
        case NFTables.messageType(NFT_MSG_NEWCHAIN):
            let chain = NFTables.chain(message)
            return chain?.table == HostTable.name || chain?.hook == .forward
        case NFTables.messageType(NFT_MSG_DELSETELEM):
            return attributes.text(NFTA_SET_ELEM_LIST_TABLE) == HostTable.name
                && NFTables.elements(message, of: NFT_MSG_DELSETELEM).contains { has($0.owner) }
        default: return false
        }
    }
}
