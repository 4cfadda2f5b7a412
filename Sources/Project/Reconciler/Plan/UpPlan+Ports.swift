import Addresses
import Compose
import ContainerRuntime
import Engine
import OrderedCollections

extension UpPlan {
    /// Gives every container of the plan its ports of the host: fixed ones first, then what is kept,
    /// then one from each range, so that they do not compete when they start at the same time.
    ///
    /// Which port of its range a container really gets is decided when it starts, since other
    /// programs have ports, too; this is the one that it tries first.
    /// - Returns: what cannot be: two containers with one port, more containers than a range has
    ///   ports.
    mutating func choosePorts() -> [ReconcilerError.Problem] {
        var ports = HostPorts()
        var conflicts = PortConflicts()
        let claims = portClaims
        for claim in claims where claim.binding.hostRange == nil {
            guard let port = claim.binding.hostPort else { continue }
            if let other = ports.give(port, to: claim) { conflicts.add(claim, port, other) }
        }
        var open: [PortClaim] = []
        for claim in claims where claim.binding.hostRange != nil {
            guard let port = claim.present, claim.isKept || ports.holder(of: port, claim) == nil
            else {
                open.append(claim)
                continue
            }
            if let other = ports.give(port, to: claim), other != claim.container {
                conflicts.add(claim, port, other)
            }
            prefer(port, claim)
        }
        var problems = conflicts.problems
        var failed: Set<PortClaim.Place> = []
        // Taking the range first that ends first finds a way for all whenever there is one.
        for claim in open.enumerated().sorted(by: {
            ($0.element.last, $0.offset) < ($1.element.last, $1.offset)
        }).map(\.element) {
            if let port = ports.firstFree(for: claim) {
                _ = ports.give(port, to: claim)
                prefer(port, claim)
            } else if failed.insert(claim.place).inserted {
                problems.append(.exhausted(claim, ports.holders(in: claim)))
            }
        }
        return problems
    }

    /// Every port of the host that a container of the plan asks for, in the order of the file.
    private var portClaims: [PortClaim] {
        selection.services.keys.flatMap { service in
            let forecast = forecastPorts[service] ?? []
            return (replicas[service] ?? []).enumerated().flatMap { number, replica in
                (replica.request?.spec.ports ?? forecast).enumerated().map { index, binding in
                    PortClaim(
                        service: service,
                        replica: number,
                        index: index,
                        container: replica.name,
                        binding: binding,
                        present: replica.existing?.port(for: binding),
                        isKept: replica.kept != nil
                    )
                }
            }
        }
    }

    private mutating func prefer(_ port: UInt16, _ claim: PortClaim) {
        replicas[claim.service]?[claim.replica].request?.spec.ports[claim.index].hostPort = port
    }
}

/// Ports that two containers would have. A range that another one has is told once, and so is
/// what the replicas of a service ask for.
private struct PortConflicts {
    private struct Pair: Hashable {
        var service: String
        var other: String
    }

    private var found: OrderedDictionary<Pair, (claim: PortClaim, port: UInt16, count: Int)> = [:]
    private var told: Set<PortClaim.Place> = []

    mutating func add(_ claim: PortClaim, _ port: UInt16, _ other: String) {
        // The second replica says it for all of them.
        guard told.insert(claim.place).inserted else { return }
        let pair = Pair(service: claim.service, other: other)
        found[pair, default: (claim, port, 0)].count += 1
    }

    var problems: [ReconcilerError.Problem] {
        found.map { pair, first in
            .conflict(first.claim, first.port, pair.other, more: first.count - 1)
        }
    }
}

/// One port of the host that a container asks for.
private struct PortClaim {
    var service: String
    /// Its place among the service's containers.
    var replica: Int
    /// The place of the binding among the container's.
    var index: Int
    var container: String
    var binding: PortBinding
    /// What the container that there is has of the range; nil while it does not run.
    var present: UInt16?
    /// It goes on running with that.
    var isKept: Bool

    /// What the file says once, whichever replica it is.
    struct Place: Hashable {
        var service: String
        var index: Int
    }

    var place: Place { Place(service: service, index: index) }
    /// Of every address of the host.
    var isEverywhere: Bool { ["0.0.0.0", "::"].contains(binding.hostAddress) }
    var last: UInt16 { binding.hostRange?.last ?? 0 }
}

extension Observed.Container {
    /// Which port it has of a range that `binding` asks for.
    fileprivate func port(for binding: PortBinding) -> UInt16? {
        // Of thousands of fixed ports each is not looked for among all others.
        guard let range = binding.hostRange else { return nil }
        return published.first {
            $0.hostAddress == binding.hostAddress && $0.transport == binding.transport
                && $0.containerPort == binding.containerPort
                && $0.hostPort.map(range.contains) == true
        }?.hostPort
    }
}

/// Who has which ports of the host.
private struct HostPorts {
    private struct Key: Hashable {
        var port: UInt16
        var transport: PortBinding.Transport
        /// The ports of IPv6 are others.
        var isIPv6: Bool

        init(_ port: UInt16, _ claim: PortClaim) {
            self.port = port
            transport = claim.binding.transport
            isIPv6 = claim.binding.hostAddress.contains(":")
        }
    }

    /// The containers that have one port, the first at each address: of very many at addresses of
    /// their own, each is not compared with all others.
    private struct Holders {
        var first: String
        var everywhere: String?
        var byAddress: [String: String] = [:]

        mutating func note(_ container: String, of claim: PortClaim) {
            if claim.isEverywhere {
                everywhere = everywhere ?? container
            } else {
                let address = claim.binding.hostAddress
                byAddress[address] = byAddress[address] ?? container
            }
        }
    }

    private var holders: [Key: Holders] = [:]

    /// The container that has a port where the claim asks for it.
    func holder(of port: UInt16, _ claim: PortClaim) -> String? {
        guard let known = holders[Key(port, claim)] else {
            return nil
        }
        if claim.isEverywhere { return known.first }
        return known.everywhere ?? known.byAddress[claim.binding.hostAddress]
    }

    /// Notes the container as a holder. - Returns: another one that is in its way.
    mutating func give(_ port: UInt16, to claim: PortClaim) -> String? {
        let other = holder(of: port, claim)
        let key = Key(port, claim)
        let container = claim.container
        holders[key, default: Holders(first: container)].note(container, of: claim)
        return other
    }

    func firstFree(for claim: PortClaim) -> UInt16? {
        guard let range = claim.binding.hostRange else { return nil }
        return (range.first...range.last).first { holder(of: $0, claim) == nil }
    }

    /// The containers that have the ports of the claim's range, each once.
    func holders(in claim: PortClaim) -> [String] {
        guard let range = claim.binding.hostRange else { return [] }
        var names: [String] = []
        for port in range.first...range.last {
            if let name = holder(of: port, claim), !names.contains(name) { names.append(name) }
            if names.count > 3 { break }
        }
        return names
    }
}

extension ReconcilerError.Problem {
    fileprivate static func conflict(
        _ claim: PortClaim,
        _ port: UInt16,
        _ other: String,
        more: Int
    ) -> ReconcilerError.Problem {
        let others = more == 0 ? "" : " and \(more) more port\(more == 1 ? "" : "s")"
        var problem = ReconcilerError.Problem(
            "service \"\(claim.service)\"",
            "cannot publish \(port)/\(claim.binding.transport.rawValue)\(others) for "
                + "\(claim.container): \(other) publishes \(more == 0 ? "it" : "them") too",
            remedy: "publish a range with a port for each, or leave the host port empty"
        )
        problem.path = "services.\(claim.service).ports[\(claim.index)]"
        return problem
    }

    fileprivate static func exhausted(
        _ claim: PortClaim,
        _ holders: [String]
    ) -> ReconcilerError.Problem {
        let range = claim.binding.hostRange?.description ?? ""
        let names =
            holders.count > 3
            ? "\(holders.prefix(3).joined(separator: ", ")) and others"
            : holders.joined(separator: ", ")
        var problem = ReconcilerError.Problem(
            "service \"\(claim.service)\"",
            "no port of \(range) is left for \(claim.container): \(names) have them all",
            remedy: "publish a larger range, or scale to fewer containers"
        )
        problem.path = "services.\(claim.service).ports[\(claim.index)]"
        return problem
    }
}
