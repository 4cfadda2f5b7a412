import TextForms

/// Which kind of addresses.
package enum IPFamily: Hashable, Codable, Sendable, CaseIterable {
    case v4, v6

    /// `IPv4`, `IPv6`. For messages.
    package var words: String { self == .v4 ? IPv4Address.family : IPv6Address.family }
}

/// An IPv4 or an IPv6 address.
package enum IPAddress: Hashable, Sendable, CodableAsText {
    case v4(IPv4Address)
    case v6(IPv6Address)

    package static let kindOfText = "IP address"

    /// Takes the text of either, without brackets.
    package init?(_ description: String) {
        if let address = IPv4Address(description) {
            self = .v4(address)
        } else if let address = IPv6Address(description) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// Four bytes or sixteen, as they travel; nil for another count.
    package init?(bytes: some Collection<UInt8>) {
        if let address = IPv4Address(bytes: bytes) {
            self = .v4(address)
        } else if let address = IPv6Address(bytes: bytes) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }

    package var family: IPFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// The bytes of the address in the order in which they travel.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let address): address.bytes
        case .v6(let address): address.bytes
        }
    }

    /// `0.0.0.0` or `::`: every address of the host.
    package var isAny: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Every address of the host, of that family.
    package static func any(_ family: IPFamily) -> IPAddress {
        family == .v4 ? .v4(.any) : .v6(.any)
    }

    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address.isLoopback
        case .v6(let address): address.isLoopback
        }
    }

    /// The IPv4 address where an IPv6 one only stands for it (`::ffff:10.0.0.1`), else the same.
    package var unmapped: IPAddress {
        if case .v6(let address) = self, let mapped = address.mapped { .v4(mapped) } else { self }
    }
}

extension [IPAddress] {
    /// The first IPv4 address.
    package var ipv4: IPv4Address? {
        lazy.compactMap { if case .v4(let address) = $0 { address } else { nil } }.first
    }

    /// The first IPv6 address.
    package var ipv6: IPv6Address? {
        lazy.compactMap { if case .v6(let address) = $0 { address } else { nil } }.first
    }

    /// The first of that family.
    package func first(of family: IPFamily) -> IPAddress? { first { $0.family == family } }
}
