import CLinux
import Glibc

/// Messages to nf_tables. Every table of ours is of family `ip`. libnftnl and net/netfilter/nf_tables_api.c
/// are its documentation.
enum NFTables {
    private static let family = BERTH_NFPROTO_IPV4
    private static let create = UInt16(NLM_F_CREATE)

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
            request(NFT_MSG_NEWTABLE, flags: create, action: action) {
                $0.attribute(NFTA_TABLE_NAME, table.name)
            }
        ]
        requests += table.sets.enumerated().map { index, set in
            newSet(set, id: UInt32(index + 1), table: table.name)
        }
        for chain in table.chains {
            requests.append(newChain(chain, table: table.name))
            // A deletion that names no rule empties the chain.
            requests.append(
                request(NFT_MSG_DELRULE, action: action) {
                    $0.attribute(NFTA_RULE_TABLE, table.name)
                    $0.attribute(NFTA_RULE_CHAIN, chain.name)
                }
            )
            requests += chain.rules.map { newRule($0, chain: chain.name, table: table.name) }
        }
        return requests
    }

    static func delete(table name: String) -> NetlinkRequest {
        request(NFT_MSG_DELTABLE, action: "remove firewall table \(name)") {
            $0.attribute(NFTA_TABLE_NAME, name)
        }
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

    static func listRules(table name: String) -> NetlinkRequest {
        request(NFT_MSG_GETRULE, action: "list firewall table \(name)", accepted: [ENOENT]) {
            $0.attribute(NFTA_RULE_TABLE, name)
        }
    }

    /// Asks for the chains of all tables of all families.
    static func listChains() -> NetlinkRequest {
        NetlinkRequest(type: messageType(NFT_MSG_GETCHAIN), action: "list firewall chains") {
            $0.append(header(family: 0, resource: 0))
        }
    }

    private static func newChain(_ chain: Chain, table: String) -> NetlinkRequest {
        let action = "set up chain \(chain.name) of firewall table \(table)"
        return request(NFT_MSG_NEWCHAIN, flags: create, action: action) {
            $0.attribute(NFTA_CHAIN_TABLE, table)
            $0.attribute(NFTA_CHAIN_NAME, chain.name)
            $0.nested(NFTA_CHAIN_HOOK) {
                $0.attribute(NFTA_HOOK_HOOKNUM, big: chain.hook.rawValue)
                $0.attribute(NFTA_HOOK_PRIORITY, big: chain.priority)
            }
            $0.attribute(NFTA_CHAIN_POLICY, big: Expression.Verdict.accept.rawValue)
            $0.attribute(NFTA_CHAIN_TYPE, chain.type.rawValue)
        }
    }

    private static func newRule(_ rule: Rule, chain: String, table: String) -> NetlinkRequest {
        request(
            NFT_MSG_NEWRULE,
            flags: create | UInt16(NLM_F_APPEND),
            action: "add a rule to chain \(chain) of firewall table \(table)"
        ) {
            $0.attribute(NFTA_RULE_TABLE, table)
            $0.attribute(NFTA_RULE_CHAIN, chain)
            $0.nested(NFTA_RULE_EXPRESSIONS) { list in
                for expression in rule.expressions { expression.encode(into: &list) }
            }
            $0.attribute(NFTA_RULE_USERDATA, comment(rule.comment))
        }
    }

    // MARK: Sets and their elements

    private static func newSet(_ set: SetDefinition, id: UInt32, table: String) -> NetlinkRequest {
        let action = "set up set \(set.name) of firewall table \(table)"
        return request(NFT_MSG_NEWSET, flags: create, action: action) {
            $0.attribute(NFTA_SET_TABLE, table)
            $0.attribute(NFTA_SET_NAME, set.name)
            $0.attribute(NFTA_SET_FLAGS, big: set.value.isEmpty ? 0 : NFT_SET_MAP.rawValue)
            $0.attribute(NFTA_SET_KEY_TYPE, big: SetDefinition.typeNumber(set.key))
            $0.attribute(NFTA_SET_KEY_LEN, big: SetDefinition.byteCount(set.key))
            if !set.value.isEmpty {
                $0.attribute(NFTA_SET_DATA_TYPE, big: SetDefinition.typeNumber(set.value))
                $0.attribute(NFTA_SET_DATA_LEN, big: SetDefinition.byteCount(set.value))
            }
            $0.attribute(NFTA_SET_ID, big: id)
            // For nft(8): the byte order of a key, 1 is the machine's, 2 the network's, 0 mixed.
            let order: UInt32 =
                set.key.count > 1 ? 0 : set.key == [.interfaceName] ? 1 : 2
            let userdata: [UInt8] = [0, 4] + withUnsafeBytes(of: order) { [UInt8]($0) }
            $0.attribute(NFTA_SET_USERDATA, userdata)
        }
    }

    /// Adds elements; those that are there with the same value stay. Another value is `EBUSY`.
    static func add(
        _ elements: [SetElement],
        table: String,
        action: String
    ) -> [NetlinkRequest] {
        messages(elements, NFT_MSG_NEWSETELEM, flags: create, table: table, action: action) {
            element,
            attributes in
            attributes.key(element.key)
            if !element.value.isEmpty {
                attributes.nested(NFTA_SET_ELEM_DATA) {
                    $0.attribute(NFTA_DATA_VALUE, element.value)
                }
            }
            if let owner = element.owner {
                attributes.attribute(NFTA_SET_ELEM_USERDATA, comment(owner.description))
            }
        }
    }

    /// Removes elements by key; one that is not there is `ENOENT`.
    static func delete(
        _ elements: [SetElement],
        table: String,
        action: String
    ) -> [NetlinkRequest] {
        messages(elements, NFT_MSG_DELSETELEM, flags: 0, table: table, action: action) {
            element,
            attributes in attributes.key(element.key)
        }
    }

    static func listElements(of set: String, table: String) -> NetlinkRequest {
        request(
            NFT_MSG_GETSETELEM,
            action: "list set \(set) of firewall table \(table)",
            accepted: [ENOENT]
        ) {
            $0.attribute(NFTA_SET_ELEM_LIST_TABLE, table)
            $0.attribute(NFTA_SET_ELEM_LIST_SET, set)
        }
    }

    /// Asks for one element by its key.
    static func get(_ element: SetElement, table: String) -> NetlinkRequest {
        request(
            NFT_MSG_GETSETELEM,
            action: "look up an element of set \(element.set)",
            accepted: [ENOENT]
        ) {
            $0.attribute(NFTA_SET_ELEM_LIST_TABLE, table)
            $0.attribute(NFTA_SET_ELEM_LIST_SET, element.set)
            $0.nested(NFTA_SET_ELEM_LIST_ELEMENTS) {
                $0.nested(NFTA_LIST_ELEM) { $0.key(element.key) }
            }
        }
    }

    /// One message per set and per hundred elements: a list must fit into 64 KiB.
    private static func messages(
        _ elements: [SetElement],
        _ type: nf_tables_msg_types,
        flags: UInt16,
        table: String,
        action: String,
        _ encode: (SetElement, inout AttributeWriter) -> Void
    ) -> [NetlinkRequest] {
        var requests: [NetlinkRequest] = []
        for (set, members) in Dictionary(grouping: elements, by: \.set).sorted(by: {
            $0.key < $1.key
        }) {
            for start in stride(from: 0, to: members.count, by: 100) {
                let part = members[start..<min(start + 100, members.count)]
                requests.append(
                    request(type, flags: flags, action: action) {
                        $0.attribute(NFTA_SET_ELEM_LIST_TABLE, table)
                        $0.attribute(NFTA_SET_ELEM_LIST_SET, set)
                        $0.nested(NFTA_SET_ELEM_LIST_ELEMENTS) { list in
                            for element in part {
                                list.nested(NFTA_LIST_ELEM) { encode(element, &$0) }
                            }
                        }
                    }
                )
            }
        }
        return requests
    }

    // MARK: Answers

    /// Chain and comment of a rule.
    static func rule(_ message: NetlinkMessage) -> (chain: String, comment: String)? {
        guard message.type == messageType(NFT_MSG_NEWRULE) else { return nil }
        let attributes = message.attributes(after: nfgenmsg.self)
        guard let chain = attributes.text(NFTA_RULE_CHAIN) else { return nil }
        return (chain, attributes[NFTA_RULE_USERDATA].flatMap(readComment) ?? "")
    }

    /// A rule of any chain.
    struct ListedRule: Equatable {
        var chain: String
        var handle: UInt64
        var comment: String
        /// Whether it refuses every packet that comes to it.
        var refusesAll: Bool
    }

    /// Reads a rule that is there, or that was just removed.
    static func listedRule(_ message: NetlinkMessage) -> ListedRule? {
        guard
            message.type == messageType(NFT_MSG_NEWRULE)
                || message.type == messageType(NFT_MSG_DELRULE)
        else { return nil }
        let attributes = message.attributes(after: nfgenmsg.self)
        guard let chain = attributes.text(NFTA_RULE_CHAIN),
            let handle = attributes.big(NFTA_RULE_HANDLE, as: UInt64.self)
        else { return nil }
        return ListedRule(
            chain: chain,
            handle: handle,
            comment: attributes[NFTA_RULE_USERDATA].flatMap(readComment) ?? "",
            refusesAll: refusesAll(attributes.nested(NFTA_RULE_EXPRESSIONS))
        )
    }

    /// Without a condition, and with a refusal at the end.
    private static func refusesAll(_ expressions: Attributes?) -> Bool {
        let expressions = (expressions?.all ?? []).map { Attributes($0.value) }
            .filter { !["counter", "log"].contains($0.text(NFTA_EXPR_NAME)) }
        guard expressions.count == 1, let only = expressions.first else { return false }
        if only.text(NFTA_EXPR_NAME) == "reject" { return true }
        let verdict = only.nested(NFTA_EXPR_DATA)?.nested(NFTA_IMMEDIATE_DATA)?
            .nested(NFTA_DATA_VERDICT)?.big(NFTA_VERDICT_CODE, as: UInt32.self)
        return verdict == Expression.Verdict.drop.rawValue
    }

    /// A chain of any table that sees IPv4 packets.
    struct ListedChain: Hashable, CustomStringConvertible {
        var family: UInt8
        var table: String
        var name: String
        /// nil when the kernel does not enter it by itself.
        var hook: Chain.Hook?
        /// Whether it drops what none of its rules knows.
        var dropsTheRest: Bool

        var description: String { "chain \(name) of table \(table)" }
    }

    static func chain(_ message: NetlinkMessage) -> ListedChain? {
        guard message.type == messageType(NFT_MSG_NEWCHAIN), let family = message.payload.first,
            family == Self.family || family == BERTH_NFPROTO_INET
        else { return nil }
        let attributes = message.attributes(after: nfgenmsg.self)
        guard let table = attributes.text(NFTA_CHAIN_TABLE),
            let name = attributes.text(NFTA_CHAIN_NAME)
        else { return nil }
        let number = attributes.nested(NFTA_CHAIN_HOOK)?.big(NFTA_HOOK_HOOKNUM, as: UInt32.self)
        let policy = attributes.big(NFTA_CHAIN_POLICY, as: UInt32.self)
        return ListedChain(
            family: family,
            table: table,
            name: name,
            hook: number.flatMap(Chain.Hook.init),
            dropsTheRest: policy == Expression.Verdict.drop.rawValue
        )
    }

    /// The elements in an answer.
    static func elements(
        _ message: NetlinkMessage,
        of type: nf_tables_msg_types = NFT_MSG_NEWSETELEM
    ) -> [SetElement] {
        guard message.type == messageType(type) else { return [] }
        let attributes = message.attributes(after: nfgenmsg.self)
        guard let set = attributes.text(NFTA_SET_ELEM_LIST_SET),
            let list = attributes.nested(NFTA_SET_ELEM_LIST_ELEMENTS)
        else { return [] }
        return list.all.compactMap { _, value in
            let element = Attributes(value)
            guard let key = element.nested(NFTA_SET_ELEM_KEY)?[NFTA_DATA_VALUE] else { return nil }
            let data = element.nested(NFTA_SET_ELEM_DATA)?[NFTA_DATA_VALUE]
            let comment = element[NFTA_SET_ELEM_USERDATA].flatMap(readComment)
            return SetElement(
                set: set,
                key: [UInt8](key),
                value: data.map { [UInt8]($0) } ?? [],
                owner: comment.flatMap { Owner($0) }
            )
        }
    }

    static func generation(_ message: NetlinkMessage) -> UInt32? {
        guard message.type == messageType(NFT_MSG_NEWGEN) else { return nil }
        return message.attributes(after: nfgenmsg.self).big(NFTA_GEN_ID, as: UInt32.self)
    }

    // MARK: Parts

    static func messageType(_ type: nf_tables_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type.rawValue)
    }

    private static func request(
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
    private static func comment(_ text: String) -> [UInt8] {
        let bytes = text.utf8.prefix(250)
        return [0, UInt8(bytes.count + 1)] + bytes + [0]
    }

    private static func readComment(_ userdata: ArraySlice<UInt8>) -> String? {
        let bytes = [UInt8](userdata)
        guard bytes.count > 2, bytes[0] == 0 else { return nil }
        return String(decoding: bytes[2...].prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension AttributeWriter {
    /// An element's key.
    fileprivate mutating func key(_ key: [UInt8]) {
        nested(NFTA_SET_ELEM_KEY) { $0.attribute(NFTA_DATA_VALUE, key) }
    }
}
