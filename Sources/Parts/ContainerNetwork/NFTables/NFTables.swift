import CLinux
import Glibc

/// Messages to nf_tables. Every table of ours is of family `inet`, which sees IPv4 and IPv6. libnftnl and
/// net/netfilter/nf_tables_api.c are its documentation.
enum NFTables {
    static let family = BERTH_NFPROTO_INET
    /// What those of earlier versions were of.
    static let earlierFamily = BERTH_NFPROTO_IPV4
    static let create = UInt16(NLM_F_CREATE)

    // MARK: Transactions

    /// Opens a transaction; with a generation it fails if the firewall has another one by then.
    static func batchBegin(generation: UInt32?) -> NetlinkRequest {
        NetlinkRequest(type: UInt16(NFNL_MSG_BATCH_BEGIN), action: "change the firewall") {
            $0.append(header(family: 0, resource: UInt16(NFNL_SUBSYS_NFTABLES)))
            if let generation { $0.attribute(NFNL_BATCH_GENID, big: generation) }
        }
    }

    static var batchEnd: NetlinkRequest {
        NetlinkRequest(type: UInt16(NFNL_MSG_BATCH_END), action: "change the firewall") {
            $0.append(header(family: 0, resource: UInt16(NFNL_SUBSYS_NFTABLES)))
        }
    }

    /// Asks for the number that changes with every transaction of anybody.
    static var getGeneration: NetlinkRequest {
        request(NFT_MSG_GETGEN, action: "read the firewall's generation") { _ in }
    }

    // MARK: Tables, chains, rules

    /// The transaction that makes the table what it should be, whatever is there: missing sets and
    /// chains are added, all rules replaced. Elements of sets stay.
    static func install(_ table: Table) -> [NetlinkRequest] {
        let action = "set up firewall table \(table.name)"
        var requests = [
            request(NFT_MSG_NEWTABLE, flags: create, family: table.family, action: action) {
                $0.attribute(NFTA_TABLE_NAME, table.name)
            }
        ]
        requests += table.sets.enumerated().map { index, set in
            newSet(set, id: UInt32(index + 1), table: table)
        }
        for chain in table.chains {
            requests.append(newChain(chain, table: table))
            // A deletion that names no rule empties the chain.
            requests.append(
                request(NFT_MSG_DELRULE, family: table.family, action: action) {
                    $0.attribute(NFTA_RULE_TABLE, table.name)
                    $0.attribute(NFTA_RULE_CHAIN, chain.name)
                }
            )
            requests += chain.rules.map { newRule($0, chain: chain.name, table: table) }
        }
        return requests
    }

    static func delete(table name: String, family: UInt8 = family) -> NetlinkRequest {
        request(NFT_MSG_DELTABLE, family: family, action: "remove firewall table \(name)") {
            $0.attribute(NFTA_TABLE_NAME, name)
        }
    }

    /// Asks for one table; an empty answer where there is none.
    static func get(table name: String, family: UInt8) -> NetlinkRequest {
        request(
            NFT_MSG_GETTABLE,
            family: family,
            action: "look up firewall table \(name)",
            accepted: [ENOENT]
        ) { $0.attribute(NFTA_TABLE_NAME, name) }
    }

    /// Asks for the rules of one chain, whosever.
    static func listRules(of chain: ListedChain) -> NetlinkRequest {
        request(
            NFT_MSG_GETRULE,
            family: chain.family,
            action: "list \(chain)",
            accepted: [ENOENT]
        ) {
            $0.attribute(NFTA_RULE_TABLE, chain.table)
            $0.attribute(NFTA_RULE_CHAIN, chain.name)
        }
    }

    /// Adds a rule to a chain of others: at its end, or before the rule with that handle.
    static func add(
        _ rule: Rule,
        to chain: ListedChain,
        before handle: UInt64?
    ) -> NetlinkRequest {
        request(
            NFT_MSG_NEWRULE,
            flags: create | (handle == nil ? UInt16(NLM_F_APPEND) : 0),
            family: chain.family,
            action: "add a rule to \(chain)"
        ) {
            $0.attribute(NFTA_RULE_TABLE, chain.table)
            $0.attribute(NFTA_RULE_CHAIN, chain.name)
            if let handle { $0.attribute(NFTA_RULE_POSITION, big: handle) }
            $0.nested(NFTA_RULE_EXPRESSIONS) { list in
                for expression in rule.expressions { expression.encode(into: &list) }
            }
            $0.attribute(NFTA_RULE_USERDATA, comment(rule.comment))
        }
    }

    /// Removes a rule from a chain of others.
    static func delete(_ rule: ListedRule, from chain: ListedChain) -> NetlinkRequest {
        request(
            NFT_MSG_DELRULE,
            family: chain.family,
            action: "remove a rule of ours from \(chain)",
            accepted: [ENOENT]
        ) {
            $0.attribute(NFTA_RULE_TABLE, chain.table)
            $0.attribute(NFTA_RULE_CHAIN, chain.name)
            $0.attribute(NFTA_RULE_HANDLE, big: rule.handle)
        }
    }

    static func listRules(table name: String, family: UInt8 = family) -> NetlinkRequest {
        request(
            NFT_MSG_GETRULE,
            family: family,
            action: "list firewall table \(name)",
            accepted: [ENOENT]
        ) { $0.attribute(NFTA_RULE_TABLE, name) }
    }

    /// Asks for the chains of all tables of all families.
    static func listChains() -> NetlinkRequest {
        NetlinkRequest(type: messageType(NFT_MSG_GETCHAIN), action: "list firewall chains") {
            $0.append(header(family: 0, resource: 0))
        }
    }

    private static func newChain(_ chain: Chain, table: Table) -> NetlinkRequest {
        let action = "set up chain \(chain.name) of firewall table \(table.name)"
        return request(NFT_MSG_NEWCHAIN, flags: create, family: table.family, action: action) {
            $0.attribute(NFTA_CHAIN_TABLE, table.name)
            $0.attribute(NFTA_CHAIN_NAME, chain.name)
            $0.nested(NFTA_CHAIN_HOOK) {
                $0.attribute(NFTA_HOOK_HOOKNUM, big: chain.hook.rawValue)
                $0.attribute(NFTA_HOOK_PRIORITY, big: chain.priority)
            }
            $0.attribute(NFTA_CHAIN_POLICY, big: Expression.Verdict.accept.rawValue)
            $0.attribute(NFTA_CHAIN_TYPE, chain.type.rawValue)
        }
    }

    private static func newRule(_ rule: Rule, chain: String, table: Table) -> NetlinkRequest {
        request(
            NFT_MSG_NEWRULE,
            flags: create | UInt16(NLM_F_APPEND),
            family: table.family,
            action: "add a rule to chain \(chain) of firewall table \(table.name)"
        ) {
            $0.attribute(NFTA_RULE_TABLE, table.name)
            $0.attribute(NFTA_RULE_CHAIN, chain)
            $0.nested(NFTA_RULE_EXPRESSIONS) { list in
                for expression in rule.expressions { expression.encode(into: &list) }
            }
            $0.attribute(NFTA_RULE_USERDATA, comment(rule.comment))
        }
    }

    // MARK: Parts

    static func messageType(_ type: nf_tables_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type.rawValue)
    }

    static func request(
        _ type: nf_tables_msg_types,
        flags: UInt16 = 0,
        family: UInt8 = family,
        action: String,
        accepted: Set<CInt> = [],
        _ body: (inout AttributeWriter) -> Void
    ) -> NetlinkRequest {
        NetlinkRequest(
            type: messageType(type),
            flags: flags,
            action: action,
            accepted: accepted
        ) {
            $0.append(header(family: family, resource: 0))
            body(&$0)
        }
    }

    private static func header(family: UInt8, resource: UInt16) -> nfgenmsg {
        nfgenmsg(
            nfgen_family: family,
            version: UInt8(NFNETLINK_V0),
            res_id: resource.bigEndian
        )
    }

    /// A comment as nft(8) writes it into user data: type 0, length, text, zero. At most 255 bytes.
    static func comment(_ text: String) -> [UInt8] {
        let bytes = text.utf8.prefix(250)
        return [0, UInt8(bytes.count + 1)] + bytes + [0]
    }
}
