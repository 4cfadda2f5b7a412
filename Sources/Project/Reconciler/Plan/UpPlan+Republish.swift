import Addresses
import ContainerRuntime
import Engine
import OrderedCollections
import Supervisor

/// Containers of which nothing differs but the ports that they publish: they run on with others.
extension UpPlan {
    /// Why the ports of a container are published anew instead of the container being made anew; nil
    /// where that is not enough, or not needed. `reason` is why it would be replaced.
    func reasonToRepublish(
        _ container: Observed.Container,
        by replica: Replica,
        insteadOf reason: String?
    ) -> String? {
        guard options.recreation == .whenChanged, container.state == .running,
            !container.isPaused, container.name == replica.name,
            let spec = replica.request?.spec, case .attached = spec.network
        else { return nil }
        guard let reason else {
            return publishes(container, otherwiseThan: spec)
                ? "\(replica.service): its ports are not published as the file says" : nil
        }
        var other = spec
        other.ports = container.spec.ports
        guard container.spec.ports.map(\.asked) != spec.ports.map(\.asked),
            SpecDifference(from: container.spec, to: other).changes.isEmpty
        else { return nil }
        let former = Set(container.spec.ports.map(\.asked))
        return isHeld(spec.ports.filter { !former.contains($0.asked) }) ? nil : reason
    }

    /// Whether a container that runs, the own one or another, has to let go one of these numbers first:
    /// who is replaced waits for that in the end, who runs on does not.
    private func isHeld(_ ports: [PortBinding]) -> Bool {
        observed.containers.contains { other in
            other.published.contains { held in ports.contains { $0.mayTake(numberOf: held) } }
        }
    }

    /// What a command has left that was killed between writing it down and doing it. That none is
    /// published means nothing where no network leads to the host.
    private func publishes(
        _ container: Observed.Container,
        otherwiseThan spec: ContainerSpec
    ) -> Bool {
        let isLeft = container.published.contains { held in
            !spec.ports.contains { $0.asks(for: held) }
        }
        guard !isLeft, container.published.isEmpty, !spec.ports.isEmpty,
            case .attached(let attachments) = spec.network
        else { return isLeft }
        return attachments.contains { attachment in
            observed.networks.contains {
                $0.name == attachment.network && !$0.isInternal && $0.hasHost
            }
        }
    }
}

extension PortBinding {
    /// Whether it has the number of the other, or may be given it, at whichever address.
    fileprivate func mayTake(numberOf held: PortBinding) -> Bool {
        guard transport == held.transport, let number = held.hostPort else { return false }
        if let hostRange { return (hostRange.first...hostRange.last).contains(number) }
        return hostPort == number
    }

    /// Whether the other may be what it has got.
    fileprivate func asks(for held: PortBinding) -> Bool {
        guard containerPort == held.containerPort, transport == held.transport else { return false }
        let isEverywhere = hostAddress == "0.0.0.0" && isIPv4Alone != true
        guard isEverywhere || hostAddress == held.hostAddress else { return false }
        guard let port = held.hostPort else { return true }
        if let hostRange { return (hostRange.first...hostRange.last).contains(port) }
        return hostPort == nil || hostPort == 0 || hostPort == port
    }
}
