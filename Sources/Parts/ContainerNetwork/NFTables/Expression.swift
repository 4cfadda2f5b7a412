import CLinux

/// One instruction of a rule: nf_tables runs them in order on a few registers of four bytes each,
/// and leaves the rule at the first comparison that does not hold. nft(8), libnftnl.
enum Expression: Hashable {
    /// Bytes of the packet into registers.
    case loadPayload(PayloadBase, offset: UInt32, count: UInt32, into: Register)
    /// Register into bytes of the packet; the transport checksum at that offset is corrected.
    case storePayload(
        from: Register,
        PayloadBase,
        offset: UInt32,
        count: UInt32,
        checksumOffset: UInt32
    )
    /// Facts about the packet: links, protocol.
    case loadMeta(Meta, into: Register)
    /// Facts about its connection.
    case loadConnection(Connection, into: Register)
    /// What kind of address (`RTN_LOCAL`, …) the packet goes to.
    case loadDestinationType(into: Register)
    case compare(Register, equal: Bool, [UInt8])
    case mask(Register, [UInt8])
    case set(Register, [UInt8])
    /// Goes on when the registers are (or are not) an element of the set.
    case lookUp(String, Register, inverted: Bool)
    /// Goes on when the map has the key, with the element's value in `into`.
    case map(String, key: Register, into: Register)
    /// Ends the chain.
    case verdict(Verdict)
    /// Gives the connection the outgoing link's address as its source.
    case masquerade
    /// Gives the connection a new destination, address (of family NFPROTO_*) and port.
    case destinationNAT(family: UInt8, address: Register, port: Register)

    enum PayloadBase: UInt32 { case network = 1, transport = 2 }
    enum Meta: UInt32 {
        case inputName = 6, outputName = 7, networkProtocol = 15, transportProtocol = 16
    }
    enum Connection: UInt32 { case state = 0, status = 2 }
    enum Verdict: UInt32 { case drop = 0, accept = 1 }
}

/// One of the sixteen registers of four bytes. Wider values take the ones that follow, too.
struct Register: Hashable {
    var index: UInt32

    init(_ index: UInt32) { self.index = index }

    /// nf_tables counts them from `NFT_REG32_00`.
    fileprivate var number: UInt32 { NFT_REG32_00.rawValue + index }
}

extension Expression {
    /// Appends the expression as an element of a rule's list.
    func encode(into list: inout AttributeWriter) {
        list.nested(NFTA_LIST_ELEM) { element in
            element.attribute(NFTA_EXPR_NAME, name)
            element.nested(NFTA_EXPR_DATA) { encodeData(into: &$0) }
        }
    }

    private var name: String {
        switch self {
        case .loadPayload, .storePayload: "payload"
        case .loadMeta: "meta"
        case .loadConnection: "ct"
        case .loadDestinationType: "fib"
        case .compare: "cmp"
        case .mask: "bitwise"
        case .set, .verdict: "immediate"
        case .lookUp, .map: "lookup"
        case .masquerade: "masq"
        case .destinationNAT: "nat"
        }
    }

    private func encodeData(into data: inout AttributeWriter) {
        switch self {
        case .loadPayload(let base, let offset, let count, let register):
            data.attribute(NFTA_PAYLOAD_DREG, big: register.number)
            data.attribute(NFTA_PAYLOAD_BASE, big: base.rawValue)
            data.attribute(NFTA_PAYLOAD_OFFSET, big: offset)
            data.attribute(NFTA_PAYLOAD_LEN, big: count)
        case .storePayload(let register, let base, let offset, let count, let checksumOffset):
            data.attribute(NFTA_PAYLOAD_SREG, big: register.number)
            data.attribute(NFTA_PAYLOAD_BASE, big: base.rawValue)
            data.attribute(NFTA_PAYLOAD_OFFSET, big: offset)
            data.attribute(NFTA_PAYLOAD_LEN, big: count)
            data.attribute(NFTA_PAYLOAD_CSUM_TYPE, big: NFT_PAYLOAD_CSUM_INET.rawValue)
            data.attribute(NFTA_PAYLOAD_CSUM_OFFSET, big: checksumOffset)
        case .loadMeta(let key, let register):
            data.attribute(NFTA_META_DREG, big: register.number)
            data.attribute(NFTA_META_KEY, big: key.rawValue)
        case .loadConnection(let key, let register):
            data.attribute(NFTA_CT_DREG, big: register.number)
            data.attribute(NFTA_CT_KEY, big: key.rawValue)
        case .loadDestinationType(let register):
            data.attribute(NFTA_FIB_DREG, big: register.number)
            data.attribute(NFTA_FIB_RESULT, big: NFT_FIB_RESULT_ADDRTYPE.rawValue)
            data.attribute(NFTA_FIB_FLAGS, big: NFTA_FIB_F_DADDR.rawValue)
        case .compare(let register, let equal, let value):
            let operation = equal ? NFT_CMP_EQ : NFT_CMP_NEQ
            data.attribute(NFTA_CMP_SREG, big: register.number)
            data.attribute(NFTA_CMP_OP, big: operation.rawValue)
            data.nested(NFTA_CMP_DATA) { $0.attribute(NFTA_DATA_VALUE, value) }
        case .mask(let register, let mask):
            data.attribute(NFTA_BITWISE_SREG, big: register.number)
            data.attribute(NFTA_BITWISE_DREG, big: register.number)
            data.attribute(NFTA_BITWISE_LEN, big: UInt32(mask.count))
            data.nested(NFTA_BITWISE_MASK) { $0.attribute(NFTA_DATA_VALUE, mask) }
            data.nested(NFTA_BITWISE_XOR) {
                $0.attribute(NFTA_DATA_VALUE, [UInt8](repeating: 0, count: mask.count))
            }
        case .set(let register, let value):
            data.attribute(NFTA_IMMEDIATE_DREG, big: register.number)
            data.nested(NFTA_IMMEDIATE_DATA) { $0.attribute(NFTA_DATA_VALUE, value) }
        case .lookUp(let set, let register, let inverted):
            data.attribute(NFTA_LOOKUP_SET, set)
            data.attribute(NFTA_LOOKUP_SREG, big: register.number)
            data.attribute(NFTA_LOOKUP_FLAGS, big: UInt32(inverted ? NFT_LOOKUP_F_INV.rawValue : 0))
        case .map(let set, let key, let register):
            data.attribute(NFTA_LOOKUP_SET, set)
            data.attribute(NFTA_LOOKUP_SREG, big: key.number)
            data.attribute(NFTA_LOOKUP_DREG, big: register.number)
        case .verdict(let verdict):
            data.attribute(NFTA_IMMEDIATE_DREG, big: NFT_REG_VERDICT.rawValue)
            data.nested(NFTA_IMMEDIATE_DATA) {
                $0.nested(NFTA_DATA_VERDICT) {
                    $0.attribute(NFTA_VERDICT_CODE, big: verdict.rawValue)
                }
            }
        case .masquerade:
            break
        case .destinationNAT(let family, let address, let port):
            data.attribute(NFTA_NAT_TYPE, big: NFT_NAT_DNAT.rawValue)
            data.attribute(NFTA_NAT_FAMILY, big: UInt32(family))
            data.attribute(NFTA_NAT_REG_ADDR_MIN, big: address.number)
            data.attribute(NFTA_NAT_REG_PROTO_MIN, big: port.number)
        }
    }
}
