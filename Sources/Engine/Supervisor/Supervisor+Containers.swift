import Engine
import Logging

/// What runs is compared with the records: the kernel notifies of nothing when processes are moved
/// out of a cgroup, or when a limit or a mount changes, so that somebody has to look.
extension Supervisor {
    /// How long a change may go unnoticed; a look costs a few reads of small files per container.
    package static let timeBetweenLooks: Duration = .seconds(10)

    /// Looks at once, puts right what can be, and does so again and again until the task is
    /// cancelled. What can only be reported is reported once.
    package func keepContainers(every pause: Duration = timeBetweenLooks) async {
        var reported: Set<String> = []
        while !Task.isCancelled {
            reported = await lookAtContainers(reported)
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// Gives what was reported and is still so.
    private func lookAtContainers(_ reported: Set<String>) async -> Set<String> {
        let running = Set(containers.values.filter { $0.running != nil }.map(\.id))
        guard !running.isEmpty else { return [] }
        do {
            let mending = try await engine.mendContainers(of: running)
            for words in mending.mended {
                logger.warning("container repaired", metadata: ["was": "\(words)"])
            }
            let lasting = Set(mending.lasting + mending.failed)
            for words in lasting.subtracting(reported).sorted() {
                logger.error("container differs from its record", metadata: ["what": "\(words)"])
            }
            return lasting
        } catch {
            let words = "\(error)"
            if !reported.contains(words) {
                logger.error("containers not compared", metadata: ["error": "\(words)"])
            }
            return [words]
        }
    }
}
