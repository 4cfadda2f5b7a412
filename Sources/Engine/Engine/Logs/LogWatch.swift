import Glibc
import Linux
import SystemPackage

/// Wakes a follower when something changes in the folders of its containers: inotify(7).
///
/// It says which logs have grown, so that the quiet ones cost nothing, and whether a run began or
/// ended, so that the records are read only then.
final class LogWatch {
    /// What happened since the last one.
    struct Change {
        /// Logs in which something was written, by the number they were added with.
        var logs: Set<Int> = []
        /// A run began or ended, or a container came or went.
        var isAboutRuns = false
        /// Anything may have happened: look at everything.
        var isUnknown = false

        var isEmpty: Bool { logs.isEmpty && !isAboutRuns && !isUnknown }
    }

    private enum Folder {
        /// Where the log files of one container are.
        case log(Int)
        /// Where the keeper puts its records of a run, or where the containers' folders are.
        case runs

        var events: UInt32 {
            switch self {
            case .log:
                UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF)
            case .runs:
                UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_MOVE_SELF | IN_DELETE_SELF)
            }
        }
    }

    private let inotify: SharedFD?
    /// Folders that are not there yet, or for which the kernel had no watch left.
    private var missing: [(path: FilePath, folder: Folder)] = []
    private var watched: [CInt: Folder] = [:]

    /// Begins with the folder in which the containers' folders are.
    init(containers: FilePath) {
        let number = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
        inotify = number >= 0 ? SharedFD(OwnedFD(taking: number)) : nil
        missing = [(containers, .runs)]
        addMissing()
    }

    /// Watches one container more.
    func add(_ container: FilePath, log: FilePath, number: Int) {
        missing += [(container, .runs), (log, .log(number))]
        addMissing()
    }

    /// Returns after a change, or after the time with none.
    func change(within limit: Duration) async throws -> Change {
        addMissing()
        guard let inotify else {
            try await Task.sleep(for: limit)
            return Change(isUnknown: true)
        }
        let change = drain(inotify)
        if !change.isEmpty { return change }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Readiness.readable(inotify) }
            group.addTask { try await Task.sleep(for: limit) }
            try await group.next()
            group.cancelAll()
        }
        return drain(inotify)
    }

    private func addMissing() {
        guard let inotify, !missing.isEmpty else { return }
        missing = missing.filter { path, folder in
            let watch = inotify.with { fd in
                path.withPlatformString { inotify_add_watch(fd, $0, folder.events) }
            }
            if watch >= 0 { watched[watch] = folder }
            return watch < 0
        }
    }

    private func drain(_ inotify: SharedFD) -> Change {
        var change = Change()
        inotify.with { fd in
            withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
                while case let count = read(fd, buffer.baseAddress, buffer.count), count > 0 {
                    note(UnsafeRawBufferPointer(rebasing: buffer[..<count]), in: &change)
                }
            }
        }
        return change
    }

    /// Reads `struct inotify_event`s: each is followed by a name whose length it says.
    private func note(_ events: UnsafeRawBufferPointer, in change: inout Change) {
        let size = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + size <= events.count {
            let event = events.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            offset += size + Int(event.len)
            if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { change.isUnknown = true }
            switch watched[event.wd] {
            case .log(let number): change.logs.insert(number)
            case .runs: change.isAboutRuns = true
            case nil: break
            }
            if event.mask & UInt32(IN_IGNORED) != 0 { watched[event.wd] = nil }
        }
    }
}
