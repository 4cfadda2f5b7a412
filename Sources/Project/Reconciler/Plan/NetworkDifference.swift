import Compose

/// What differs between a network there is and the one that the file declares, in the words of the
/// compose file. What the file leaves open is as it is; values of labels are not shown.
struct NetworkDifference: Equatable, Sendable {
    /// `subnet changed (10.0.0.0/24 → 10.0.1.0/24)`; empty where the network is as declared.
    private(set) var changes: [String] = []

    init(from existing: Observed.Network, to network: NetworkDeclaration) {
        if existing.isInternal != network.isInternal {
            changes.append("internal is \(network.isInternal ? "on" : "off") now")
        }
        let pool = network.pools.first
        compare("subnet", existing.subnet, pool?.subnet)
        compare("gateway", existing.gateway, pool?.gateway)
        if let range = existing.ipRange, pool?.ipRange == nil {
            changes.append("ip_range removed (was \(range))")
        } else {
            compare("ip_range", existing.ipRange, pool?.ipRange)
        }
        changes += LabelDifference.changes(from: existing.labels, to: network.labels)
    }

    private mutating func compare(_ field: String, _ old: String?, _ new: String?) {
        guard let new, new != old else { return }
        changes.append(
            old.map { "\(field) changed (\($0) → \(new))" } ?? "\(field) added (\(new))"
        )
    }
}

/// What differs between the labels of a network or volume and those that the file gives it, without
/// the labels that say whose it is.
enum LabelDifference {
    static func changes(from old: [String: String], to new: [String: String]) -> [String] {
        let keys = Set(old.keys).union(new.keys).filter { !$0.hasPrefix(ComposeLabels.prefix) }
        return keys.sorted().compactMap { key in
            switch (old[key], new[key]) {
            case (nil, _): "labels.\(key) added"
            case (_, nil): "labels.\(key) removed"
            case (let before, let after): before == after ? nil : "labels.\(key) changed"
            }
        }
    }
}
