import Compose
import ContainerRuntime
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
        var problems: [ReconcilerError.Problem] = []
        var failed: Set<PortClaim.Place> = []
        let claims = portClaims
        for claim in claims where claim.binding.hostRange == nil {
            guard let port = claim.binding.hostPort else { continue }
            // The second replica says it for all of them.
            if let other = ports.give(port, to: claim), failed.insert(claim.place).inserted {
                problems.append(.conflict(claim, port, other))
            }
        }
        var open: [PortClaim] = []
        for claim in claims where claim.binding.hostRange != nil {
            guard let port = claim.present, claim.isKept || ports.holder(of: port, claim) == nil
            else {
                open.append(claim)
                continue
            }
            if let other = ports.give(port, to: claim), other != claim.container {
                problems.append(.conflict(claim, port, other))
            }
            prefer(port, claim)
        }
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
                (replica.draft.spec?.ports ?? forecast).enumerated().map { index, binding in
                    PortClaim(
                        service: service,
                        replica: number,
                        index: index,
                        container: replica.draft.name,
                        binding: binding,
                        present: replica.existing?.port(for: binding),
                        isKept: replica.kept != nil
                    )
                }
            }
        }
    }

    private mutating func prefer(_ port: UInt16, _ claim: PortClaim) {
        replicas[claim.service]?[claim.replica].draft.spec?.ports[claim.index].hostPort = port
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
    var last: UInt16 { binding.hostRange?.last ?? 0 }
}

extension Observed.Container {
    /// Which port it has of a range that `binding` asks for.
    fileprivate func port(for binding: PortBinding) -> UInt16? {
        published.first {
            $0.hostAddress == binding.hostAddress && $0.transport == binding.transport
                && $0.containerPort == binding.containerPort
                && $0.hostPort.map { binding.hostRange?.contains($0) == true } == true
        }?.hostPort
    }
}

/// Who has which ports of the host.
private struct HostPorts {
    private struct Key: Hashable {
        var port: UInt16
        var transport: PortBinding.Transport
    }

    private var holders: [Key: [(address: String, container: String)]] = [:]

    /// The container that has a port where the claim asks for it.
    func holder(of port: UInt16, _ claim: PortClaim) -> String? {
        let everywhere = ["0.0.0.0", "::"]
        let address = claim.binding.hostAddress
        return holders[Key(port: port, transport: claim.binding.transport)]?.first {
            $0.address == address || everywhere.contains($0.address) || everywhere.contains(address)
        }?.container
    }

    /// Notes the container as a holder. - Returns: another one that is in its way.
    mutating func give(_ port: UInt16, to claim: PortClaim) -> String? {
        let other = holder(of: port, claim)
        holders[Key(port: port, transport: claim.binding.transport), default: []]
            .append((claim.binding.hostAddress, claim.container))
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
        _ other: String
    ) -> ReconcilerError.Problem {
        var problem = ReconcilerError.Problem(
            "service \"\(claim.service)\"",
            "cannot publish \(port)/\(claim.binding.transport.rawValue) for \(claim.container): "
                + "\(other) publishes it too",
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
