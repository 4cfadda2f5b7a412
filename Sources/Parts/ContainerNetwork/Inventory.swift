import Addresses

/// What of ours is in the calling thread's network namespace, whichever state folder's.
enum Inventory {
    /// Links by their index, then elements by set and key.
    static func list(in snapshot: NetworkSnapshot) -> [NetworkObject] {
        snapshot.links.values.sorted { $0.index < $1.index }.compactMap(object)
            + snapshot.elements.values.filter { $0.set != HostTable.host }
            .sorted {
                $0.set == $1.set
                    ? $0.key.lexicographicallyPrecedes($1.key) : $0.set < $1.set
            }
            .map {
                NetworkObject(
                    kind: .element(set: $0.set, key: $0.key),
                    name: describe($0),
                    owner: $0.owner
                )
            }
    }

    static func remove(_ object: NetworkObject) throws(NetworkError) {
        switch object.kind {
        case .bridge, .veth:
            var route = try NetlinkSocket(.route)
            try route.perform([RouteRequest.delete(link: object.name)])
        case .element(let set, let key):
            var firewall = try Firewall()
            try firewall.remove(
                [SetElement(set: set, key: key, owner: object.owner)],
                from: HostTable.name,
                action: "remove \(object)"
            )
            try Forwarding.leave(&firewall, before: FormerForwarding())
        }
    }

    /// A link is ours by its name and kind; one that only looks so has no owner.
    private static func object(_ link: Link) -> NetworkObject? {
        let isOurs = link.name.hasPrefix(LinkName.bridgePrefix) || link.owner != nil
        if isOurs, link.kind == "bridge" {
            return NetworkObject(kind: .bridge, name: link.name, owner: link.owner)
        }
        if link.name.hasPrefix(LinkName.vethPrefix), link.kind == "veth", link.owner != nil {
            return NetworkObject(kind: .veth, name: link.name, owner: link.owner)
        }
        return nil
    }

    /// A key's parts as text.
    private static func describe(_ element: SetElement) -> String {
        guard let set = HostTable.sets.first(where: { $0.name == element.set }) else { return "" }
        return words(element.key, set.key)
            + (element.value.isEmpty ? "" : " -> " + words(element.value, set.value))
    }

    private static func words(_ bytes: [UInt8], _ fields: [SetDefinition.Field]) -> String {
        var rest = bytes[...]
        return fields.map { field in
            let part = rest.prefix(Int(field.byteCount))
            rest = rest.dropFirst(Int(field.byteCount))
            switch field {
            case .interfaceName: return String(decoding: part.prefix { $0 != 0 }, as: UTF8.self)
            case .ipv4Address, .ipv6Address: return IPAddress(bytes: part)?.description ?? ""
            case .transportProtocol:
                return part.first == TransportProtocol.tcp.number ? "tcp" : "udp"
            case .port: return String(part.prefix(2).reduce(0 as UInt16) { $0 << 8 | UInt16($1) })
            }
        }.joined(separator: " ")
    }
}
