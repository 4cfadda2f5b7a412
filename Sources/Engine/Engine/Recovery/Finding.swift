import ContainerNetwork
import ContainerRuntime

/// Something of ours that no record explains, or that a record says and the kernel does not have:
/// what `berth system check` lists.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package var kind: Kind
    /// Path, link name, process: what a user can look for with other tools.
    package var name: String
    /// Why it should not be there, or what is wrong with it.
    package var reason: String

    /// What is not as the records say.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case mount, link, firewall, cgroup, process, directory, file
    }

    package init(_ kind: Kind, _ name: String, _ reason: String) {
        self.kind = kind
        self.name = name
        self.reason = reason
    }

    /// A difference between the kernel's network state and the records.
    init(_ fault: NetworkFault) {
        let kind: Kind =
            switch fault.subject {
            case .host, .port, .admission: .firewall
            case .network, .missingLink, .looseLink: .link
            }
        self.init(kind, fault.name, fault.reason)
    }

    /// A difference between what a running container has and its record.
    init(_ fault: ContainerFault) {
        let kind: Kind =
            switch fault.subject {
            case .cgroup: .cgroup
            case .mount: .mount
            }
        self.init(kind, fault.name, fault.reason)
    }

    package var description: String { "\(kind.rawValue) \(name): \(reason)" }
}
