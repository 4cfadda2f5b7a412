/// A link-layer address.
package struct MACAddress: Hashable, Sendable, CustomStringConvertible {
    /// Six octets.
    package let bytes: [UInt8]

    /// The address Docker gives to the holder of an IPv4 address: `02:42` and its four octets.
    /// It is locally administered, and whoever inherits the IPv4 address inherits the neighbours'
    /// caches with it.
    package init(for address: IPv4Address) { bytes = [0x02, 0x42] + address.bytes }

    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
