import Addresses
import Compose
import Engine
import OrderedCollections

/// What differs between a network there is and the one that the file declares, in the words of the
/// compose file. What the file leaves open is as it is; values of labels are not shown.
struct NetworkDifference: Equatable, Sendable {
    /// `subnet: 10.0.0.0/24 → 10.0.1.0/24`; empty where the network is as declared.
    private(set) var changes: [String] = []

    init(from existing: NetworkRecord, to network: NetworkDeclaration) {
        if existing.isInternal != network.isInternal {
            changes.append("internal is \(network.isInternal ? "on" : "off") now")
        }
        compare("enable_ipv4", existing.ipv4 != nil, network.enableIPv4 ?? true)
        compare("enable_ipv6", existing.ipv6 != nil, network.enableIPv6 ?? false)
        compare(existing.ipv4, network.pools.first { $0.subnet?.family == .v4 })
        compare(existing.ipv6, network.pools.first { $0.subnet?.family == .v6 })
        changes += KeyedDifference.changes(
            in: "driver_opts",
            from: existing.details.driverOptions ?? [:],
            to: network.driverOptions
        )
        changes += KeyedDifference.labels(from: existing.labels, to: network.labels)
    }

    private mutating func compare(_ field: String, _ old: Bool, _ wanted: Bool) {
        if old != wanted { changes.append("\(field) is \(wanted ? "on" : "off") now") }
    }

    /// Of a family that the network has; whether it shall have it is another question.
    private mutating func compare<Address: AddressNumber>(
        _ block: AddressBlock<Address>?,
        _ pool: NetworkDeclaration.AddressPool?
    ) {
        guard let block else { return }
        compare("subnet", block.subnet.description, pool?.subnet?.description)
        compare("gateway", block.gateway.description, pool?.gateway?.description)
        if let range = block.range, pool?.ipRange == nil {
            changes.append("ip_range removed (was \(range))")
        } else {
            compare("ip_range", block.range?.description, pool?.ipRange?.description)
        }
        changes += KeyedDifference.changes(
            in: "aux_addresses",
            from: (block.reserved ?? [:]).mapValues(\.description),
            to: Dictionary(
                (pool?.auxAddresses ?? [:]).map { ($0.key, $0.value.description) },
                uniquingKeysWith: { $1 }
            )
        )
    }

    private mutating func compare(_ field: String, _ old: String?, _ wanted: String?) {
        guard let wanted, wanted != old else { return }
        changes.append(
            old.map { "\(field): \($0) → \(wanted)" } ?? "\(field) added (\(wanted))"
        )
    }
}

/// What differs between two sets of named texts; their values are not shown.
enum KeyedDifference {
    /// `driver_opts.type changed`, by name.
    static func changes(
        in field: String,
        from old: [String: String],
        to new: [String: String]
    ) -> [String] {
        Set(old.keys).union(new.keys).sorted().compactMap { key in
            switch (old[key], new[key]) {
            case (nil, _): "\(field).\(key) added"
            case (_, nil): "\(field).\(key) removed"
            case (let before, let after): before == after ? nil : "\(field).\(key) changed"
            }
        }
    }

    /// Of the labels of a network or volume and those that the file gives it, without the labels
    /// that say whose it is.
    static func labels(from old: [String: String], to new: [String: String]) -> [String] {
        let isOwn = { (label: (key: String, value: String)) in
            !label.key.hasPrefix(ComposeLabels.prefix)
        }
        return changes(in: "labels", from: old.filter(isOwn), to: new.filter(isOwn))
    }
}
