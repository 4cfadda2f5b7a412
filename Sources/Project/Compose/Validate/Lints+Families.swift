import Addresses
import OrderedCollections

extension Lints {
    /// A subnet of a family that the network does not have: Docker takes it, and uses none of it.
    func checkFamilies(_ diagnostics: inout Diagnostics) {
        for (name, network) in root["networks"]?.map ?? [:] {
            let families = NetworkFamilies(network)
            guard !families.areUnknown else { continue }
            for (index, pool) in (network["ipam"]?["config"]?.list ?? []).enumerated() {
                guard let node = pool["subnet"], let text = node.string,
                    let family = IPSubnet(text)?.family, !families.have(family)
                else { continue }
                diagnostics.warning(
                    "subnet \(text) changes nothing: network \"\(name)\" has no \(family.words)",
                    at: node.mark,
                    hint: "enable_\(family.words.lowercased()): true",
                    path: "networks.\(name).ipam.config[\(index)].subnet"
                )
            }
        }
    }
}

/// Of which families a network that the file declares has addresses.
struct NetworkFamilies {
    /// It is there already, with whichever it has.
    let areUnknown: Bool
    private let isIPv4: Bool
    private let isIPv6: Bool

    /// `network` is nil where nothing is said of it.
    init(_ network: Node?) {
        areUnknown = network?["external"]?.bool == true
        isIPv4 = network?["enable_ipv4"]?.bool ?? true
        isIPv6 = network?["enable_ipv6"]?.bool ?? false
    }

    /// Whether it has, or may have, addresses of a family.
    func have(_ family: IPFamily) -> Bool { areUnknown || (family == .v4 ? isIPv4 : isIPv6) }
}
