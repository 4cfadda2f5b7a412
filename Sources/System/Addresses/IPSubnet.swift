import TextForms

/// A range of IPv4 or IPv6 addresses.
package enum IPSubnet: Hashable, Sendable, CodableAsText {
    case v4(IPv4Subnet)
    case v6(IPv6Subnet)

    package static let kindOfText = "subnet"

    /// Takes `address/bits` of either family.
    package init?(_ description: String) {
        if let subnet = IPv4Subnet(description) {
            self = .v4(subnet)
        } else if let subnet = IPv6Subnet(description) {
            self = .v6(subnet)
        } else {
            return nil
        }
    }

    /// The subnet of that size around an address; nil for more bits than the address has.
    package init?(around address: IPAddress, prefixLength: UInt8) {
        guard Int(prefixLength) <= address.bytes.count * 8 else { return nil }
        switch address {
        case .v4(let address): self = .v4(IPv4Subnet(around: address, prefixLength: prefixLength))
        case .v6(let address): self = .v6(IPv6Subnet(around: address, prefixLength: prefixLength))
        }
    }

    package var description: String {
        switch self {
        case .v4(let subnet): subnet.description
        case .v6(let subnet): subnet.description
        }
    }

    /// Whose addresses these are.
    package var family: IPFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// The range, when it is of IPv4.
    package var ipv4: IPv4Subnet? { if case .v4(let subnet) = self { subnet } else { nil } }

    /// The range, when it is of IPv6.
    package var ipv6: IPv6Subnet? { if case .v6(let subnet) = self { subnet } else { nil } }

    /// Whether the address is of this family and in the range.
    package func contains(_ address: IPAddress) -> Bool {
        switch (self, address) {
        case (.v4(let subnet), .v4(let address)): subnet.contains(address)
        case (.v6(let subnet), .v6(let address)): subnet.contains(address)
        default: false
        }
    }
}
