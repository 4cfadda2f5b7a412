/// Something of ours that no record explains: what `berth system check` lists.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package var kind: Kind
    /// Path, link name, process: what a user can look for with other tools.
    package var name: String
    /// Why it should not be there.
    package var reason: String

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case mount, link, firewall, cgroup, process, directory
    }

    package init(_ kind: Kind, _ name: String, _ reason: String) {
        self.kind = kind
        self.name = name
        self.reason = reason
    }

    package var description: String { "\(kind.rawValue) \(name): \(reason)" }
}
