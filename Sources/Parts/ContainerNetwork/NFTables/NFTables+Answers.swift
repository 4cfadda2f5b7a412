import CLinux
import Glibc

/// What the kernel's messages say.
extension NFTables {
    /// Whether it describes a table.
    static func isTable(_ message: NetlinkMessage) -> Bool {
        message.type == messageType(NFT_MSG_NEWTABLE)
    }

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
        /// What it does with every packet that comes to it; nil where that has conditions, or it is
        /// none of these.
        var fate: Fate?

        enum Fate: Equatable {
            case refused
            /// On to another chain of the table, and with `goto` never back.
            case sent(chain: String, comesBack: Bool)
        }
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
            fate: fate(attributes.nested(NFTA_RULE_EXPRESSIONS))
        )
    }

    private static func fate(_ expressions: Attributes?) -> ListedRule.Fate? {
        let expressions = (expressions?.all ?? []).map { Attributes($0.value) }
            .filter { !["counter", "log"].contains($0.text(NFTA_EXPR_NAME)) }
        guard expressions.count == 1, let only = expressions.first else { return nil }
        if only.text(NFTA_EXPR_NAME) == "reject" { return .refused }
        let verdict = only.nested(NFTA_EXPR_DATA)?.nested(NFTA_IMMEDIATE_DATA)?
            .nested(NFTA_DATA_VERDICT)
        switch verdict?.big(NFTA_VERDICT_CODE, as: UInt32.self).map(Int32.init(bitPattern:)) {
        case 0: return .refused
        case NFT_JUMP.rawValue:
            return verdict?.text(NFTA_VERDICT_CHAIN).map { .sent(chain: $0, comesBack: true) }
        case NFT_GOTO.rawValue:
            return verdict?.text(NFTA_VERDICT_CHAIN).map { .sent(chain: $0, comesBack: false) }
        default: return nil
        }
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
            family == BERTH_NFPROTO_IPV4 || family == BERTH_NFPROTO_INET
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

    private static func readComment(_ userdata: ArraySlice<UInt8>) -> String? {
        let bytes = [UInt8](userdata)
        guard bytes.count > 2, bytes[0] == 0 else { return nil }
        return String(decoding: bytes[2...].prefix { $0 != 0 }, as: UTF8.self)
    }
}
