package import Addresses

/// One element of `ports`, a single port; ranges are expanded. compose-spec "ports".
package struct PortDeclaration: Hashable, Codable, Sendable {
    /// nil is every address of the host.
    package var hostAddress: IPAddress?
    /// Of several, one that is free; nil is any free port.
    package var published: PortRange?
    /// compose-spec `target`.
    package var target: UInt16
    /// compose-spec `protocol`.
    package var transport: PortProtocol = .tcp

    // For people and tools.
    /// compose-spec `name`.
    package var name: String?
    /// compose-spec `app_protocol`.
    package var appProtocol: String?
    /// `ingress` or `host`, a difference that one machine does not have.
    package var mode: String?

    /// Says no more than what must be said.
    package init(target: UInt16) { self.target = target }
}
