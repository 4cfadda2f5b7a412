import Addresses

/// A firewall table as we want it: sets, chains and rules. It is a value: what the kernel has is
/// compared with it and replaced whole when it differs.
struct Table: Hashable {
    /// Whose packets it sees: NFPROTO_*.
    var family = NFTables.family
    var name: String
    var sets: [SetDefinition] = []
    var chains: [Chain] = []
}

/// A chain that the kernel enters by itself.
struct Chain: Hashable {
    var name: String
    var type: Kind
    var hook: Hook
    /// Chains of other tables at the same hook run before (lower) or after (higher).
    var priority: Int32
    var rules: [Rule]

    enum Kind: String { case filter, nat }
    enum Hook: UInt32 {
        case prerouting = 0, input = 1, forward = 2, output = 3, postrouting = 4
    }
}

/// A rule: statements that all must hold, the last one saying what happens then.
struct Rule: Hashable {
    /// Why it is there; stands in `nft list` and identifies the rule.
    var purpose: String
    var expressions: [Expression]

    init(_ purpose: String, _ statements: [Expression]...) {
        self.purpose = purpose
        self.expressions = statements.flatMap { $0 }
    }

    /// The purpose and a fingerprint of what the rule does: a rule of another version of ours, or one
    /// that somebody put in our table, is not taken for this one.
    var comment: String {
        var writer = AttributeWriter()
        for expression in expressions { expression.encode(into: &writer) }
        // FNV-1a: no adversary here, only versions.
        let hash = writer.bytes.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return "\(purpose) [\(String(hash, radix: 16))]"
    }
}

/// A set, or a map when it has a value.
struct SetDefinition: Hashable {
    var name: String
    var key: [Field]
    var value: [Field] = []

    /// A part of a key or value, padded to whole registers.
    enum Field: Hashable {
        case interfaceName, ipv4Address, ipv6Address, transportProtocol, port

        /// What nft(8) calls its type; the kernel only stores the number for it.
        var typeNumber: UInt32 {
            switch self {
            case .interfaceName: 41
            case .ipv4Address: 7
            case .ipv6Address: 8
            case .transportProtocol: 12
            case .port: 13
            }
        }

        var byteCount: UInt32 { [.interfaceName, .ipv6Address].contains(self) ? 16 : 4 }
    }

    /// nft(8) packs the parts of a concatenation into six bits each.
    static func typeNumber(_ fields: [Field]) -> UInt32 {
        fields.reduce(0) { $0 << 6 | $1.typeNumber }
    }

    static func byteCount(_ fields: [Field]) -> UInt32 { fields.reduce(0) { $0 + $1.byteCount } }

    /// Whether an element of a set of this name can be one of this set.
    func fits(_ element: SetElement) -> Bool {
        element.key.count == Self.byteCount(key) && element.value.count == Self.byteCount(value)
    }
}

/// An element of a set or map.
struct SetElement: Hashable {
    var set: String
    var key: [UInt8]
    /// Empty in a set.
    var value: [UInt8] = []
    var owner: Owner?

    /// Identities are unique, so that one that another version of ours wrote counts, too.
    func isOfSameOwner(as other: SetElement) -> Bool {
        owner?.containerID == other.owner?.containerID && owner?.networkID == other.owner?.networkID
    }
}

extension [UInt8] {
    /// A link's name as nf_tables compares it: sixteen bytes, zeros after the end.
    static func interfaceName(_ name: String) -> [UInt8] {
        let bytes = name.utf8.prefix(15)
        return bytes + [UInt8](repeating: 0, count: 16 - bytes.count)
    }

    /// A protocol number, padded to a register.
    static func transportProtocol(_ transport: TransportProtocol) -> [UInt8] {
        [transport.number, 0, 0, 0]
    }

    /// A port in network order, padded to a register.
    static func port(_ port: UInt16) -> [UInt8] { port.bigEndianBytes + [0, 0] }
}
