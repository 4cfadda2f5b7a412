import Addresses
import Compose
import ContainerRuntime
import Engine
import OrderedCollections

extension UpPlan {
    /// Makes the networks that are missing, and replaces those that are otherwise than the file says:
    /// what runs on one is stopped first, and started again when it is connected to the new one.
    mutating func addNetworks() {
        var replaced: OrderedDictionary<String, Replacement> = [:]
        for key in usedNetworks {
            guard let network = project.networks[key], !network.external else { continue }
            let request = NetworkRequest(network, key: key, in: project)
            guard let existing = observed.networks.first(where: { $0.name == network.name }) else {
                makers[network.name] = plan.add(
                    .init(.createNetwork(request), because: "no network yet")
                )
                continue
            }
            guard existing.project == project.name else {
                plan.warnings.append(
                    "network \(network.name) exists but was not made by project \(project.name); "
                        + "it is used as it is (`external: true` says that this is meant)"
                )
                continue
            }
            let changes = NetworkDifference(from: existing, to: network).changes
            guard !changes.isEmpty else { continue }
            replaced[network.name] = Replacement(
                request: request,
                because: "\(network.name): \(changes.joined(separator: ", "))"
            )
        }
        replace(replaced)
    }

    private struct Replacement {
        var request: NetworkRequest
        var because: String
    }

    private mutating func replace(_ networks: OrderedDictionary<String, Replacement>) {
        guard !networks.isEmpty else { return }
        let order = StopOrder(observed.containers, project: project)
        let connected = observed.containers.filter { container in
            container.state.isAlive && container.networkNames.contains { networks[$0] != nil }
        }
        let sharers = observed.sharers(of: connected)
        let reason = networks.values.map(\.because).joined(separator: "; ")
        let stops = plan.addStops(
            of: connected + sharers.map(\.container),
            order: order,
            grace: options.grace,
            because: reason
        )
        for (sharer, companion) in sharers {
            guard let stop = stops[sharer.name] else { continue }
            var halt = Halt(container: sharer, stop: stop, because: reason)
            halt.companion = companion
            halted[sharer.name] = halt
        }
        for (name, replacement) in networks {
            let stopped = connected.filter { $0.networkNames.contains(name) }
            let maker = plan.add(
                .init(
                    .replaceNetwork(replacement.request),
                    because: replacement.because,
                    after: stopped.compactMap { stops[$0.name] }.sorted()
                )
            )
            makers[name] = maker
            for container in stopped {
                halted[
                    container.name,
                    default: Halt(
                        container: container,
                        stop: stops[container.name] ?? maker,
                        because: reason
                    )
                ].makers.append(maker)
            }
        }
    }

    /// What was stopped for something else and is of no service that is brought up: it runs again after.
    mutating func addHaltedOthers() {
        let others = halted.values.filter { !decided.contains($0.container.name) }
            .sorted { $0.stop > $1.stop }
        for halt in others where halt.container.state.staysUp && startsAgain(halt) {
            latest[halt.container.name] = plan.addStart(
                halt.container.reference,
                hooks: halt.container.spec.hooks,
                because: halt.because,
                after: needs(of: halt)
            )
        }
    }
}

extension Observed.Container {
    fileprivate var networkNames: [String] {
        guard case .attached(let attachments) = spec.network else { return [] }
        return attachments.map(\.network)
    }
}

extension NetworkRequest {
    fileprivate init(_ network: NetworkDeclaration, key: String, in project: Project) {
        self.init(name: network.name)
        self.project = project.name
        self.key = key
        driver = network.driver
        isInternal = network.isInternal
        isAttachable = network.attachable
        enablesIPv4 = network.enableIPv4 ?? true
        enablesIPv6 = network.enableIPv6 ?? false
        pools = network.pools.compactMap { Pool($0) }
        driverOptions = network.driverOptions
        labels = ComposeLabels.network(key, in: project)
            .merging(network.labels, uniquingKeysWith: { ours, _ in ours })
    }
}

extension NetworkRequest.Pool {
    /// nil without a subnet.
    fileprivate init?(_ pool: NetworkDeclaration.AddressPool) {
        guard let subnet = pool.subnet else { return nil }
        self.init(subnet: subnet.description)
        gateway = pool.gateway?.description
        ipRange = pool.ipRange?.description
        auxAddresses = Dictionary(
            pool.auxAddresses.map { ($0.key, $0.value.description) },
            uniquingKeysWith: { $1 }
        )
    }
}
