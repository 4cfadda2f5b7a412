/// The names of our links. The kernel allows 15 bytes; who owns a link stands whole in its alias.
package enum LinkName {
    /// Every bridge of ours starts with it.
    package static let bridgePrefix = "bth"
    /// The host's end of every veth pair of ours starts with it.
    package static let vethPrefix = "bv"

    /// Whether the kernel takes a name for a link: `dev_valid_name` of net/core/dev.c.
    package static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...15).contains(bytes.count) && name != "." && name != ".."
            && bytes.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
            }
    }

    /// The bridge of a network.
    package static func bridge(network id: String) -> String { bridgePrefix + id.prefix(12) }

    /// The host's end of the pair that connects a container to a network. It follows from the two
    /// identities, so that nobody has to remember it.
    package static func veth(container: String, network: String) -> String {
        vethPrefix + container.prefix(8) + network.prefix(5)
    }
}

/// Whose a link, or an element of the firewall, is; written where `ip link` and `nft list` show it.
/// Several state folders may share a machine: an identity counts only within one of them.
package struct Owner: Hashable, Sendable, CustomStringConvertible {
    /// Which state folder's it is, by `NetworkKernel.stateFolder`; nil when it does not say.
    package var stateFolder: String?
    package var containerID: String?
    package var networkID: String?

    package init(
        in stateFolder: String? = nil,
        containerID: String? = nil,
        networkID: String? = nil
    ) {
        // A kernel without a state folder (`NetworkKernel`) leaves it out.
        self.stateFolder = stateFolder.flatMap { $0.isEmpty ? nil : $0 }
        self.containerID = containerID
        self.networkID = networkID
    }

    /// `berth state=<tag> container=<id> network=<id>`, with the parts that apply.
    package var description: String {
        var words = ["berth"]
        if let stateFolder { words.append("state=\(stateFolder)") }
        if let containerID { words.append("container=\(containerID)") }
        if let networkID { words.append("network=\(networkID)") }
        return words.joined(separator: " ")
    }

    /// Reads `description` back; nil when the text is somebody else's.
    package init?(_ description: String) {
        let words = description.split(separator: " ")
        guard words.first == "berth" else { return nil }
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            switch parts[0] {
            case "state": stateFolder = String(parts[1])
            case "container": containerID = String(parts[1])
            case "network": networkID = String(parts[1])
            default: return nil
            }
        }
    }
}
