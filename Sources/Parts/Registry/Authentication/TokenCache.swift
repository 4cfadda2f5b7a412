import Synchronization

/// The `Authorization` values that servers have accepted, by registry and repository.
final class TokenCache: Sendable {
    struct Key: Hashable {
        var origin: Origin
        var scope: String
    }

    private struct Entry {
        var value: String
        var expires: ContinuousClock.Instant
    }

    private let entries = Mutex<[Key: Entry]>([:])

    subscript(key: Key) -> String? {
        entries.withLock { entries in
            guard let entry = entries[key], entry.expires > .now else { return nil }
            return entry.value
        }
    }

    func store(_ value: String, for key: Key, lasting: Duration) {
        entries.withLock { $0[key] = Entry(value: value, expires: .now + lasting) }
    }

    func remove(_ key: Key) { entries.withLock { $0[key] = nil } }
}
