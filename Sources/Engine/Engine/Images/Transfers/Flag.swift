import Synchronization

/// A word that is said once and heard on another thread.
final class Flag: Sendable {
    private let raised = Atomic(false)

    var value: Bool { raised.load(ordering: .relaxed) }

    func raise() { raised.store(true, ordering: .relaxed) }
}
