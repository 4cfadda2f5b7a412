import Addresses
import ContainerRuntime
import Engine

/// What of the containers other machines reach.
extension MachineCheck {
    /// A port that a running container publishes.
    struct Published: Equatable {
        var container: String
        var binding: PortBinding
    }

    static func reach(_ published: [Published]) -> [Finding] {
        var open: [String: [String]] = [:]
        for port in published {
            guard let address = IPAddress(port.binding.hostAddress), !isLoopback(address),
                let number = port.binding.hostPort
            else { continue }
            let place = "\(SocketAddress(address, port: number))/\(port.binding.transport.rawValue)"
            open[port.container, default: []].append(place)
        }
        guard !open.isEmpty else {
            return [
                Finding(
                    verdict: .good,
                    what: "reachable",
                    state: published.isEmpty
                        ? "no container publishes a port"
                        : "every published port is reached from this machine only"
                )
            ]
        }
        return open.sorted { $0.key < $1.key }.map { container, places in
            Finding(
                verdict: .good,
                what: "reachable",
                state: "other machines reach \(container) at \(places.joined(separator: ", "))",
                remedy: "write `127.0.0.1:` before the port where only this machine needs it; "
                    + "rules for input do not see these ports"
            )
        }
    }

    private static func isLoopback(_ address: IPAddress) -> Bool {
        switch "\(address)" {
        case "::1": true
        case let text: text.hasPrefix("127.")
        }
    }

    /// Of everything that runs; nothing where nothing was ever done.
    static func reach() async -> [Finding] {
        guard Machine.isRoot else { return [] }
        do {
            guard let session = try Session.openIfAny(isSilent: true) else { return [] }
            let containers = try await session.engine.observe(project: nil).containers
            let lost = try session.lostPorts(of: containers).map { port in
                Finding(
                    verdict: .degraded,
                    what: "ports",
                    state: "\(port)",
                    remedy: "end that program: the port is held again at once"
                )
            }
            return lost
                + reach(
                    containers.filter { $0.record.status == .running }.flatMap { container in
                        container.record.published.map {
                            Published(container: container.record.name, binding: $0)
                        }
                    }
                )
        } catch {
            return [Finding(verdict: .degraded, what: "reachable", state: "\(error)")]
        }
    }
}
