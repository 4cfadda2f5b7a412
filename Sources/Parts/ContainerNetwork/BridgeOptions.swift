package import Addresses

/// What a bridge can be asked for besides its addresses: `driver_opts` of a network, under Docker's
/// names.
package struct BridgeOptions: Hashable, Sendable {
    /// The bridge's name on the host.
    package var name: String?
    /// Largest packet in bytes.
    package var mtuBytes: UInt32?
    /// Whether containers on the network reach each other.
    package var connectsContainers = true
    /// Whether containers speak to the outside with the host's address.
    package var masquerades = true
    /// Where ports are published that name no address of the host.
    package var hostAddress: IPv4Address?
    /// What the names of containers' links begin with: `eth`.
    package var interfacePrefix: String?

    /// Docker's.
    package init() {}

    /// Reads them.
    /// - Throws: a `NetworkError` for one that is not known or has no meaning.
    package init(_ options: [String: String]) throws(NetworkError) {
        for (key, text) in options.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "com.docker.network.bridge.name":
                if text.isEmpty { continue }
                guard LinkName.isValid(text), !text.hasPrefix(LinkName.vethPrefix) else {
                    throw Self.error(key, text, "the name of a link has at most 15 bytes")
                }
                name = text
            case "com.docker.network.driver.mtu":
                guard let bytes = UInt32(text), (68...65535).contains(bytes) else {
                    throw Self.error(key, text, "a number of bytes from 68 to 65535")
                }
                mtuBytes = bytes
            case "com.docker.network.bridge.enable_icc":
                connectsContainers = try Self.flag(key, text)
            case "com.docker.network.bridge.enable_ip_masquerade":
                masquerades = try Self.flag(key, text)
            case "com.docker.network.bridge.host_binding_ipv4":
                guard let address = IPv4Address(text) else {
                    throw Self.error(key, text, "an IPv4 address of the host")
                }
                hostAddress = address
            case "com.docker.network.container_iface_prefix":
                guard LinkName.isValid(text + "000") else {
                    throw Self.error(key, text, "the start of a link's name, at most 12 bytes")
                }
                interfacePrefix = text
            default:
                throw NetworkError(
                    action: "use driver option \(key)",
                    reason: "the driver bridge has no such option here"
                )
            }
        }
    }

    /// Go's `strconv.ParseBool`.
    private static func flag(_ key: String, _ text: String) throws(NetworkError) -> Bool {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw error(key, text, "true or false")
        }
    }

    private static func error(_ key: String, _ text: String, _ hint: String) -> NetworkError {
        NetworkError(
            action: "use driver option \(key)",
            reason: "\"\(text)\" is not a value of it",
            hint: hint
        )
    }
}
