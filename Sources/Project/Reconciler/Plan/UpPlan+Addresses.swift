import Addresses
import Compose
import OrderedCollections

extension UpPlan {
    /// Fixed addresses that more than one container of the plan would have on one network.
    func addressConflicts() -> [ReconcilerError.Problem] {
        var owners: [FixedAddress: String] = [:]
        var problems: [ReconcilerError.Problem] = []
        for service in selection.services.values {
            let count = replicas[service.name]?.count ?? 0
            guard count > 0 else { continue }
            for (key, attachment) in service.networks {
                let network = project.networks[key]?.name ?? key
                let fixed: [(String, IPAddress?)] = [
                    ("ipv4_address", attachment.ipv4Address.map { .v4($0) }),
                    ("ipv6_address", attachment.ipv6Address.map { .v6($0) }),
                ]
                for (field, address) in fixed {
                    guard let address else { continue }
                    let own = FixedAddress(network: network, address: address)
                    let other = owners[own]
                    owners[own] = other ?? service.name
                    guard var problem = Self.conflict(own, service.name, count, other: other)
                    else { continue }
                    problem.path = "services.\(service.name).networks.\(key).\(field)"
                    problems.append(problem)
                }
            }
        }
        return problems
    }

    private static func conflict(
        _ fixed: FixedAddress,
        _ service: String,
        _ count: Int,
        other: String?
    ) -> ReconcilerError.Problem? {
        let own = fixed.address
        var reason: String?
        if count > 1 {
            reason = "\(own) can be the address of one container, not of \(count)"
        } else if let other {
            reason = "\(own) is the address of service \"\(other)\" too"
        }
        return reason.map {
            ReconcilerError.Problem(
                "service \"\(service)\"",
                $0,
                remedy: count > 1
                    ? "leave it out, or run one container: the service's name finds all of them"
                    : "give one of them another, or none"
            )
        }
    }

    /// An address on a network, by the network's record name: two keys may mean one network.
    private struct FixedAddress: Hashable {
        var network: String
        var address: IPAddress
    }
}
