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

    package var description: String {
        switch self {
        case .v4(let subnet): subnet.description
        case .v6(let subnet): subnet.description
        }
    }

    /// Whether the address is of this family and in the range.
    package func contains(_ address: IPAddress) -> Bool {
        switch (self, address) {
        case (.v4(let subnet), .v4(let address)): subnet.contains(address)
        case (.v6(let subnet), .v6(let address)): subnet.contains(address)
        default: false
        }
    }
}
