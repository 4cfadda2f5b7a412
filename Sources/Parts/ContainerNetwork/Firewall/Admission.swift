import Glibc

/// Our packets in the firewalls of others.
///
/// A packet that our own table accepts can still be dropped by a chain of somebody else's: docker, ufw
/// and firewalld drop what they do not know. Such a chain gets two rules of ours where its own rules
/// have all been asked: at its end, or before the rule that refuses everything or leads to a chain
/// that does. Nothing of others is changed or reordered, and the two go with our last network.
enum Admission {
    /// Every bridge of ours, whichever state folder's: what our own table decides is decided there.
    /// Those that were given another name are named.
    private static func rules(_ firewall: inout Firewall) throws(NetworkError) -> [Rule] {
        let prefix = LinkName.bridgePrefix
        var rules = [
            Rule("berth: what containers send", .inputBegins(with: prefix), .accept),
            Rule("berth: what containers are sent", .outputBegins(with: prefix), .accept),
        ]
        for bridge in try firewall.elements(of: HostTable.bridgeNames).map(\.key) {
            let name = String(decoding: bridge.prefix { $0 != 0 }, as: UTF8.self)
            guard !name.hasPrefix(prefix) else { continue }
            rules += [
                Rule("berth: what containers on \(name) send", .input(name), .accept),
                Rule("berth: what containers on \(name) are sent", .output(name), .accept),
            ]
        }
        return rules
    }

    private static let mark = "berth: "

    /// Whether a notification is about a rule of ours, or one that refuses everything.
    static func isOurs(_ message: NetlinkMessage) -> Bool {
        guard let rule = NFTables.listedRule(message) else { return false }
        return rule.comment.hasPrefix(mark) || rule.fate != nil
    }

    /// A chain of others that lets our packets through nowhere, and where ours would have to stand.
    private struct Closed {
        var chain: NFTables.ListedChain
        /// Those that are there, not all in their place.
        var ours: [NFTables.ListedRule]
        /// Those that shall be there.
        var wanted: [Rule]
        /// The rule to stand before; nil for the end.
        var next: NFTables.ListedRule?
    }

    /// Chains that drop what they do not know and have no rule of ours yet.
    static func missing(
        _ firewall: inout Firewall
    ) throws(NetworkError) -> [NFTables.ListedChain] {
        try closed(&firewall).map(\.chain)
    }

    private static func closed(_ firewall: inout Firewall) throws(NetworkError) -> [Closed] {
        var closed: [Closed] = []
        let chains = try firewall.othersFilteringForwarding()
        guard !chains.isEmpty else { return [] }
        let wanted = try Self.rules(&firewall)
        for chain in chains {
            let rules = try firewall.rules(of: chain)
            let end = try endOfPath(rules, of: chain, &firewall)
            guard chain.dropsTheRest || end?.refuses == true else { continue }
            let asked = rules.prefix(end?.index ?? rules.count)
            if !wanted.allSatisfy({ rule in asked.contains { $0.comment == rule.comment } }) {
                closed.append(
                    Closed(
                        chain: chain,
                        ours: rules.filter { $0.comment.hasPrefix(mark) },
                        wanted: wanted,
                        next: end.map { rules[$0.index] }
                    )
                )
            }
        }
        return closed
    }

    /// The first rule that no packet comes past, and whether it refuses them all; nil where the end of
    /// the chain can be reached. The kernel lets chains lead to each other 16 deep, without circles.
    private static func endOfPath(
        _ rules: [NFTables.ListedRule],
        of chain: NFTables.ListedChain,
        depth: Int = 0,
        _ firewall: inout Firewall
    ) throws(NetworkError) -> (index: Int, refuses: Bool)? {
        for (index, rule) in rules.enumerated() {
            switch rule.fate {
            case nil: continue
            case .refused: return (index, true)
            case .sent(let name, let comesBack):
                guard depth < 16 else { return nil }
                var next = chain
                (next.name, next.hook, next.dropsTheRest) = (name, nil, false)
                let there = try firewall.rules(of: next)
                let end = try endOfPath(there, of: next, depth: depth + 1, &firewall)
                if end?.refuses == true { return (index, true) }
                if !comesBack { return (index, false) }
            }
        }
        return nil
    }

    /// Adds what is missing. A chain that cannot be changed stays an obstacle (`obstacles`).
    static func ask(_ firewall: inout Firewall) throws(NetworkError) {
        for place in try closed(&firewall) {
            let chain = place.chain
            do throws(NetworkError) {
                try firewall.commit(
                    place.ours.map { NFTables.delete($0, from: chain) }
                        + place.wanted.map {
                            NFTables.add($0, to: chain, before: place.next?.handle)
                        }
                )
            } catch  where error.errno == EPERM || error.errno == EOPNOTSUPP {
                // A table with an owner (firewalld's): only its program may change it.
                continue
            } catch  where error.errno == ENOENT {
                // It was replaced while we looked; whoever watches asks again.
                continue
            }
        }
    }

    /// What still keeps our packets from passing, and what the user can do.
    static func obstacles(_ firewall: inout Firewall) throws(NetworkError) -> [ForwardingObstacle] {
        let prefix = LinkName.bridgePrefix
        var obstacles = try missing(&firewall).map { chain in
            ForwardingObstacle(
                place: "\(chain)",
                remedy: chain.table == "firewalld"
                    ? "firewall-cmd --permanent --zone=trusted --add-interface=\(prefix)+; "
                        + "firewall-cmd --reload"
                    : "accept the interfaces \(prefix)* there, in both directions"
            )
        }
        if LegacyTables.dropsForwarding(butAdmits: prefix) {
            obstacles.append(
                ForwardingObstacle(
                    place: "chain FORWARD of the legacy table filter",
                    remedy: "iptables-legacy -A FORWARD -i \(prefix)+ -j ACCEPT; "
                        + "iptables-legacy -A FORWARD -o \(prefix)+ -j ACCEPT"
                )
            )
        }
        return obstacles
    }

    /// Takes the rules back out of every chain.
    static func withdraw(_ firewall: inout Firewall) throws(NetworkError) {
        for chain in try firewall.othersFilteringForwarding() {
            let ours = try firewall.rules(of: chain).filter { $0.comment.hasPrefix(mark) }
            guard !ours.isEmpty else { continue }
            do throws(NetworkError) {
                try firewall.commit(ours.map { NFTables.delete($0, from: chain) })
            } catch  where error.errno == ENOENT || error.errno == EPERM {
                // The chain went meanwhile, or took an owner; then its owner replaces its rules.
                continue
            }
        }
    }
}

/// A firewall chain of others that drops forwarded packets it does not know, ours among them.
package struct ForwardingObstacle: Hashable, Sendable, CustomStringConvertible {
    /// Where: `chain FORWARD of table filter`.
    package var place: String
    /// What the user can do.
    package var remedy: String

    package var description: String {
        "\(place) drops what containers send and are sent; \(remedy)"
    }
}
