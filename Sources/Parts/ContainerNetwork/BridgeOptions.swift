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
    /// Families of which the host has no address on the network, and which therefore must lead nowhere.
    package var isolated: Set<IPFamily> = []
    /// Whether the host has no IPv4 address on the network, and somebody else may be its gateway.
    package var inhibitsIPv4 = false

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
            case "com.docker.network.bridge.gateway_mode_ipv4":
                if try Self.isIsolated(key, text) { isolated.insert(.v4) }
            case "com.docker.network.bridge.gateway_mode_ipv6":
                if try Self.isIsolated(key, text) { isolated.insert(.v6) }
            case "com.docker.network.bridge.inhibit_ipv4":
                inhibitsIPv4 = try Self.flag(key, text)
            case "com.docker.network.bridge.default_bridge":
                guard try !Self.flag(key, text) else {
                    throw Self.refusal(key, "the default network is made when it is needed")
                }
            case "com.docker.network.bridge.trusted_host_interfaces":
                if text.isEmpty { continue }
                throw Self.refusal(
                    key,
                    "what comes from other machines reaches published ports only",
                    "publish the ports that they need"
                )
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

    /// Docker's modes: of those that do not translate only the one without any way out is here.
    private static func isIsolated(_ key: String, _ text: String) throws(NetworkError) -> Bool {
        switch text {
        case "", "nat": return false
        case "isolated": return true
        case "routed", "nat-unprotected":
            throw refusal(
                key,
                "what leaves or enters a network is translated here: the modes are nat and isolated",
                "publish ports, or use the driver macvlan for addresses that other machines reach"
            )
        default: throw error(key, text, "nat, or isolated on an internal network")
        }
    }

    private static func refusal(
        _ key: String,
        _ reason: String,
        _ hint: String? = nil
    ) -> NetworkError {
        NetworkError(action: "use driver option \(key)", reason: reason, hint: hint)
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
