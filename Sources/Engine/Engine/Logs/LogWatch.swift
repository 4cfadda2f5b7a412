import Glibc
import Linux
import SystemPackage

/// Wakes a follower when something in the folders of its logs changes: inotify(7), and a look now
/// and then for what it does not tell (no watches left, a folder that is not there yet).
final class LogWatch {
    private let inotify: SharedFD?
    private var missing: [FilePath]

    init(_ folders: [FilePath]) {
        let number = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
        inotify = number >= 0 ? SharedFD(OwnedFD(taking: number)) : nil
        missing = folders
        addMissing()
    }

    private func addMissing() {
        guard let inotify else { return }
        let events =
            IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR
        missing = missing.filter { folder in
            inotify.with { fd in
                folder.withPlatformString { inotify_add_watch(fd, $0, UInt32(events)) } < 0
            }
        }
    }

    /// Returns after a change, or after the time.
    func change(within limit: Duration) async throws {
        addMissing()
        guard let inotify else { return try await Task.sleep(for: limit) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Readiness.readable(inotify) }
            group.addTask { try await Task.sleep(for: limit) }
            try await group.next()
            group.cancelAll()
        }
        drain(inotify)
    }

    /// Forgets the events that have been told: that there were some is all that counts.
    private func drain(_ inotify: SharedFD) {
        inotify.with { fd in
            withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
                while read(fd, buffer.baseAddress, buffer.count) > 0 {}
            }
        }
    }
}
