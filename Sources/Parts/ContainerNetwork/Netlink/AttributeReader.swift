import CLinux

/// Attributes of a message from the kernel, by number. Anything malformed ends the list: the
/// kernel does not send it, and a newer kernel's unknown attributes are simply not asked for.
struct Attributes {
    private var values: [UInt16: ArraySlice<UInt8>] = [:]
    /// In order, with repeats, for lists.
    private(set) var all: [(type: UInt16, value: ArraySlice<UInt8>)] = []

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        let header = MemoryLayout<nlattr>.size
        while rest.count >= header {
            let length = Int(rest.number(at: 0, as: UInt16.self))
            let mask = ~UInt16(truncatingIfNeeded: NLA_F_NESTED | NLA_F_NET_BYTEORDER)
            let type = rest.number(at: 2, as: UInt16.self) & mask
            guard length >= header, length <= rest.count else { return }
            let value = rest.prefix(length).dropFirst(header)
            values[type] = value
            all.append((type, value))
            rest = rest.dropFirst((length + 3) & ~3)
        }
    }

    subscript(_ type: some AttributeType) -> ArraySlice<UInt8>? { values[type.attributeType] }

    /// A number in the machine's order.
    func native<N: FixedWidthInteger>(_ type: some AttributeType, as: N.Type) -> N? {
        guard let value = self[type], value.count >= MemoryLayout<N>.size else { return nil }
        return value.number(at: 0, as: N.self)
    }

    /// A number in network order.
    func big<N: FixedWidthInteger>(_ type: some AttributeType, as: N.Type) -> N? {
        native(type, as: N.self).map { N(bigEndian: $0) }
    }

    /// Text up to the first zero.
    func text(_ type: some AttributeType) -> String? {
        self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    func nested(_ type: some AttributeType) -> Attributes? { self[type].map { Attributes($0) } }
}

extension ArraySlice<UInt8> {
    /// The number at an offset from the slice's start, in the machine's order; the caller has
    /// checked the length.
    func number<N: FixedWidthInteger>(at offset: Int, as: N.Type) -> N {
        var result: N = 0
        Swift.withUnsafeMutableBytes(of: &result) { target in
            target.copyBytes(from: self.dropFirst(offset).prefix(target.count))
        }
        return result
    }
}
