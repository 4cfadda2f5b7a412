/// The addresses of one family that a network has.
package struct AddressBlock<Address: AddressNumber>: Hashable, Codable, Sendable {
    /// Where its addresses are.
    package var subnet: Subnet<Address>
    /// The host's own address on the network.
    package var gateway: Address
    /// The part of the subnet that addresses are taken from; nil is all of it.
    package var range: Subnet<Address>?
    /// Addresses that no container gets, by the name of who has them; nil for none.
    package var reserved: [String: Address]?

    /// A subnet, and the host's address in it.
    package init(_ subnet: Subnet<Address>, gateway: Address) {
        self.subnet = subnet
        self.gateway = gateway
    }
}
