/// An address and a port, which is what a socket is bound or connected to.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16

    package init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    package init(_ address: IPv4Address, port: UInt16) { self.init(.v4(address), port: port) }

    /// Nil when the text is not an address.
    package init?(_ text: String, port: UInt16) {
        guard let address = IPAddress(text) else { return nil }
        self.init(address, port: port)
    }

    /// `10.0.0.1:53`, `[::1]:53`.
    package var description: String {
        switch address {
        case .v4(let address): "\(address):\(port)"
        case .v6(let address): "[\(address)]:\(port)"
        }
    }
}
