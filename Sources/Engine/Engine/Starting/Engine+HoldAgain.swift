import Addresses
import ContainerNetwork
package import ContainerRuntime

extension Engine {
    /// Takes the ports of a running container anew, after whoever had them ended, as far as nobody has
    /// taken them meanwhile: what the kernel leads it leads on.
    /// - Returns: What is held, and of the rest why not; nil where another program has it.
    package func holdAgain(
        _ published: [PortBinding],
        of wiring: Wiring
    ) async -> (held: HeldPorts, rest: [(binding: PortBinding, failure: String?)]) {
        var held = HeldPorts()
        var rest: [(binding: PortBinding, failure: String?)] = []
        for binding in published {
            guard let address = IPAddress(binding.hostAddress), let number = binding.hostPort else {
                continue
            }
            let target = wiring.outward.relayTarget(of: binding, at: address)
            do throws(NetworkError) {
                let socket = try await kernel.holdPort(
                    address,
                    from: CollectionOfOne(number),
                    TransportProtocol(binding.transport),
                    isServed: target != nil
                )?.fd
                if let socket {
                    held.sides.append(
                        HeldPorts.Side(binding: binding, socket: socket, target: target)
                    )
                } else {
                    rest.append((binding, nil))
                }
            } catch { rest.append((binding, "\(error)")) }
        }
        return (held, rest)
    }

    /// Who has a port of the host, in words: `nginx (pid 12) has it`.
    package func wordsOfHolder(of binding: PortBinding) async -> String {
        var holder: String?
        if let address = IPAddress(binding.hostAddress), let number = binding.hostPort {
            // `try?`: without it nobody is named.
            holder =
                (try? await kernel.processHolding(
                    address,
                    number,
                    TransportProtocol(binding.transport)
                )) ?? nil
        }
        return "\(holder ?? "another program") has it"
    }
}
