import ContainerRuntime
import Engine
import Logging

/// Ports that other programs took while no supervisor held them: they are taken again as soon as those
/// let them go, and whoever looks is told of them meanwhile.
extension Supervisor {
    /// The kernel says of no socket that it is closed, so that somebody has to try.
    private static let timeBetweenTries: Duration = .seconds(1)
    /// Who has it may have changed after so many.
    private static let triesBeforeLook = 10

    /// The ports that the former supervisor held went with it.
    func holdPorts(
        of container: Supervised,
        _ published: [PortBinding],
        _ wiring: Wiring?
    ) async -> HeldPorts {
        guard let wiring else { return HeldPorts() }
        let (held, rest) = await engine.holdAgain(published, of: wiring)
        for (binding, failure) in rest {
            let lost = LostPort(
                container: container.name,
                binding: binding,
                reason: await reason(failure, binding)
            )
            container.lostPorts.append(lost)
            logger.error("port not held", metadata: ["what": "\(lost)"])
        }
        return held
    }

    /// Why it is not held: a failure, or else who has it.
    private func reason(_ failure: String?, _ binding: PortBinding) async -> String {
        if let failure { failure } else { await engine.wordsOfHolder(of: binding) }
    }

    /// Says which there are, and begins to ask for them, after everything was adopted.
    func askForLostPorts() {
        tellLostPorts()
        guard isMissingPorts else { return }
        // Ends when none is missing.
        Task {
            var tries = 0
            while isMissingPorts {
                // `try?`: nobody cancels it.
                try? await Task.sleep(for: Self.timeBetweenTries)
                tries += 1
                for container in Array(containers.values) where !container.lostPorts.isEmpty {
                    await regain(container, looking: tries % Self.triesBeforeLook == 0)
                }
            }
        }
    }

    private var isMissingPorts: Bool {
        containers.values.contains { !$0.lostPorts.isEmpty }
    }

    /// Those of a container that has ended, or is published otherwise, are missing no more.
    func forgetLostPorts(of container: Supervised) {
        guard !container.lostPorts.isEmpty else { return }
        container.lostPorts = []
        tellLostPorts()
    }

    private func tellLostPorts() {
        let all = containers.values.flatMap(\.lostPorts).sorted { "\($0)" < "\($1)" }
        do { try LostPort.write(all, ofProject: project, in: engine.layout) } catch {
            logger.warning("lost ports not written down", metadata: ["error": "\(error)"])
        }
    }

    /// In the order of what else concerns its ports.
    private func regain(_ container: Supervised, looking: Bool) async {
        await withCheckedContinuation { continuation in
            queue(container) { supervisor, container in
                await supervisor.regainNow(container, looking: looking)
                continuation.resume()
            }
        }
    }

    private func regainNow(_ container: Supervised, looking: Bool) async {
        guard let running = container.running, let wiring = container.wiring else { return }
        let former = container.lostPorts
        let (held, rest) = await engine.holdAgain(former.map(\.binding), of: wiring)
        var left: [LostPort] = []
        for (binding, failure) in rest {
            guard var lost = former.first(where: { $0.binding == binding }) else { continue }
            if looking || failure != nil {
                lost.reason = await reason(failure, binding)
            }
            left.append(lost)
        }
        // It may have ended meanwhile: what is held is let go with this.
        guard container.running === running, left != former else { return }
        container.lostPorts = left
        for lost in former where !left.contains(where: { $0.binding == lost.binding }) {
            logger.info(
                "port held again",
                metadata: ["container": "\(container.name)", "port": "\(lost.binding)"]
            )
        }
        container.ports.add(held)
        if !held.relayed.isEmpty {
            // A connection that is relayed by another port of it begins again.
            await container.relays?.end()
            if container.running === running {
                container.relays = relays(of: container.ports.relayed)
            }
        }
        tellLostPorts()
    }
}
