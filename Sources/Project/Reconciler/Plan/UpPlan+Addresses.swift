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
                guard let own = attachment.ipv4Address else { continue }
                let network = project.networks[key]?.name ?? key
                let address = FixedAddress(network: network, address: own)
                var reason: String?
                if count > 1 {
                    reason = "\(own) can be the address of one container, not of \(count)"
                } else if let other = owners[address] {
                    reason = "\(own) is the address of service \"\(other)\" too"
                }
                owners[address] = owners[address] ?? service.name
                guard let reason else { continue }
                var problem = ReconcilerError.Problem(
                    "service \"\(service.name)\"",
                    reason,
                    remedy: count > 1
                        ? "leave it out, or run one container: the service's name finds all of them"
                        : "give one of them another, or none"
                )
                problem.path = "services.\(service.name).networks.\(key).ipv4_address"
                problems.append(problem)
            }
        }
        return problems
    }

    /// An address on a network, by the network's record name: two keys may mean one network.
    private struct FixedAddress: Hashable {
        var network: String
        var address: IPv4Address
    }
}
