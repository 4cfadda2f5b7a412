import ContainerRuntime
import Engine
import Logging

/// Logs that are sent elsewhere.
extension Supervisor {
    /// One container's lines on their way.
    struct Delivery {
        var task: Task<Void, Never>
        /// Cuts it off when the container has ended and the server is away.
        var limit: Task<Void, Never>?
    }

    /// How long a supervisor waits at an end for a server that does not take the last lines.
    private static let patienceAtEnd: Duration = .seconds(1)

    /// Begins to send what a container writes; one that was just started again goes on.
    func deliver(_ container: Supervised) {
        guard let delivery = container.spec.log.delivery else { return }
        let server = container.logServer.take()
        if let running = deliveries[container.id] {
            running.limit?.cancel()
            deliveries[container.id]?.limit = nil
            return
        }
        let task = Task {
            do {
                let record = try await engine.container(container.id)
                let delivering = LogDelivering(
                    id: container.id,
                    delivery: delivery,
                    origin: try LineOrigin(record, container.spec, delivery.marks),
                    engine: engine,
                    logger: logger,
                    server: server
                )
                await delivering.run()
            } catch {
                logger.error(
                    "log not sent",
                    metadata: ["container": "\(container.name)", "error": "\(error)"]
                )
            }
            delivered(container)
        }
        deliveries[container.id] = Delivery(task: task)
    }

    private func delivered(_ container: Supervised) {
        deliveries[container.id]?.limit?.cancel()
        deliveries[container.id] = nil
        // Started again in the moment in which everything had been sent.
        if container.running != nil { return deliver(container) }
        wakeIfIdle()
    }

    /// A run has ended: what is left is sent, and not waited for without end.
    func limitDelivery(of container: Supervised) {
        guard container.life.isIdle, let delivery = deliveries[container.id] else { return }
        delivery.limit?.cancel()
        // Cancelled where it is started again, or all is sent before.
        deliveries[container.id]?.limit = Task {
            do { try await Task.sleep(for: Self.patienceAtEnd) } catch { return }
            delivery.task.cancel()
        }
    }
}
