import Addresses
import CLinux

/// The payload of one netlink message: fixed structs first, then attributes (type, length, value),
/// which may nest. Numbers are the machine's own unless the name says big-endian. netlink(7).
struct AttributeWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends a fixed struct as it lies in memory.
    mutating func append<T: BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        pad()
    }

    /// An attribute whose value is bytes.
    mutating func attribute(_ type: some AttributeType, _ value: some Collection<UInt8>) {
        attribute(type) { $0.bytes.append(contentsOf: value) }
    }

    /// An attribute whose value is text with the terminating zero that the kernel expects.
    mutating func attribute(_ type: some AttributeType, _ text: String) {
        attribute(type, Array(text.utf8) + [0])
    }

    /// An attribute whose value is a number in the machine's order, as rtnetlink uses them.
    mutating func attribute<N: FixedWidthInteger>(_ type: some AttributeType, native number: N) {
        attribute(type, withUnsafeBytes(of: number) { [UInt8]($0) })
    }

    /// An attribute whose value is a number in network order, as nfnetlink uses them.
    mutating func attribute<N: FixedWidthInteger>(_ type: some AttributeType, big number: N) {
        attribute(type, number.bigEndianBytes)
    }

    /// An attribute that holds attributes, marked as such.
    mutating func nested(_ type: some AttributeType, _ body: (inout AttributeWriter) -> Void) {
        header(type.attributeType | UInt16(NLA_F_NESTED), body)
    }

    private mutating func attribute(
        _ type: some AttributeType,
        _ body: (inout AttributeWriter) -> Void
    ) {
        header(type.attributeType, body)
    }

    private mutating func header(_ type: UInt16, _ body: (inout AttributeWriter) -> Void) {
        let start = bytes.count
        append(nlattr(nla_len: 0, nla_type: type))
        body(&self)
        let length = bytes.count - start
        precondition(length <= UInt16.max, "a netlink attribute has at most 64 KiB")
        withUnsafeBytes(of: UInt16(length)) { bytes.replaceSubrange(start..<start + 2, with: $0) }
        pad()
    }

    /// Attributes and structs begin at multiples of four.
    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }
}

/// What the kernel's headers call an attribute's number: some are plain numbers, some enumerations.
protocol AttributeType { var attributeType: UInt16 { get } }

extension Int: AttributeType {
    var attributeType: UInt16 { UInt16(self) }
}

extension UInt16: AttributeType {
    var attributeType: UInt16 { self }
}
