package import TextForms

/// An address that is a number: `IPv4Address` or `IPv6Address`.
package protocol AddressNumber: Hashable, Comparable, Sendable, CodableAsText {
    associatedtype Number: FixedWidthInteger & UnsignedInteger & Sendable

    /// The address as a number; the first byte that travels is the most significant.
    var number: Number { get }

    init(_ number: Number)

    /// Nil for one of the other family.
    init?(either address: IPAddress)

    /// The same, of either family.
    var either: IPAddress { get }

    /// The same of a subnet.
    static func either(_ subnet: Subnet<Self>) -> IPSubnet

    /// `IPv4`, `IPv6`. For messages.
    static var family: String { get }

    /// Whether the highest address of a subnet means everybody on it.
    static var hasBroadcast: Bool { get }
}

extension AddressNumber {
    package static var kindOfText: String { "\(family) address" }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// The bytes of the address in the order in which they travel.
    package var bytes: [UInt8] { number.bigEndianBytes }

    /// Takes the bytes as they travel; nil for another count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Number.bitWidth / 8 else { return nil }
        self.init(bytes.reduce(0) { $0 << 8 | Number($1) })
    }
}

extension FixedWidthInteger {
    /// The bytes, most significant first.
    package var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { [UInt8]($0) } }
}
