import CLinux
import Glibc

/// Watches files and folders, each folder with all that is in it: inotify(7).
///
/// A path that is not there yet is waited for, also when its parents are not. Where the kernel loses
/// events, the folders are looked through for what was changed since the last that it told. Links
/// in a folder are not followed. An actor, since what it knows changes with each event; one task asks
/// it for changes.
package actor TreeWatch {
    /// A folder that is watched.
    private struct Folder {
        /// The ways to it that were asked for: more than one where a link leads to it.
        var paths: [String]
        /// What is in it, as far as it was told; of one that only leads to what is watched, nothing.
        var names: Set<String> = []
        /// It is not only on the way to what is watched.
        var isEntered = false
    }

    private let inotify: SharedFD
    private let roots: [String]
    private let skips: @Sendable (String) -> Bool
    private var folders: [CInt: Folder] = [:]
    private var watches: [String: CInt] = [:]
    private var changed: Set<String> = []
    /// The kernel had more to tell than it keeps.
    private var hasLost = false
    /// Paths of what has changed and has a name that is not UTF-8: with U+FFFD in its place.
    private var strange: Set<String> = []
    /// When everything that had happened was known.
    private var known = TreeWatch.now()
    /// Folders that nobody may look into.
    package private(set) var unreadable: Set<String> = []

    private static let events = UInt32(
        IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
            | IN_MOVE_SELF | IN_ATTRIB
    )

    /// For `roots`: absolute paths, without `.` and `..`. Folders below them for which `skips` is true
    /// are left out.
    ///
    /// - Throws: EMFILE where the kernel gives no more watches of this kind
    ///   (`fs.inotify.max_user_instances`).
    package init(
        _ roots: [String],
        skipping skips: @escaping @Sendable (String) -> Bool = { _ in false }
    ) throws(SyscallError) {
        let number = try syscall("inotify_init1") {
            inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
        }
        inotify = SharedFD(OwnedFD(taking: number))
        self.roots = Set(roots).sorted()
        self.skips = skips
    }

    /// Begins to watch: what changes from then on is told.
    ///
    /// - Throws: ENOSPC where the kernel watches no more folders
    ///   (`fs.inotify.max_user_watches`).
    package func begin() throws(SyscallError) { try lookForRoots(reporting: false) }

    /// Waits for changes, and then until nothing more was changed for `quiet`, or for twenty times
    /// that. Gives the paths that came, went or were written to: whoever wants to know which looks.
    /// What a folder that came has in it is named, too; what a folder had that went is not.
    package func changes(quiet: Duration) async throws -> Set<String> {
        while true {
            try await Readiness.readable(inotify)
            let deadline = ContinuousClock.now + quiet * 20
            repeat {
                try drain()
            } while try await isMore(within: quiet)
                && ContinuousClock.now < deadline
            guard !changed.isEmpty || !strange.isEmpty else { continue }
            return takeChanged()
        }
    }

    /// What has changed and was not told yet, without waiting for anything.
    package func changesSoFar() throws(SyscallError) -> Set<String> {
        try drain()
        return takeChanged()
    }

    /// Paths, as far as they can be shown, of what has changed and nobody can name here: once.
    package func takeStrange() -> Set<String> {
        defer { strange = [] }
        return strange
    }

    private func takeChanged() -> Set<String> {
        defer { changed = [] }
        return changed
    }

    private func isMore(within time: Duration) async throws -> Bool {
        let inotify = inotify
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await Readiness.readable(inotify)
                return true
            }
            group.addTask {
                try await Task.sleep(for: time)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return time.tv_sec
    }
}

// Events.
extension TreeWatch {
    /// Takes in everything that the kernel has to tell.
    private func drain() throws(SyscallError) {
        let start = Self.now()
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = inotify.with({ read($0, &buffer, buffer.count) }), count > 0 {
            var offset = 0
            let size = MemoryLayout<inotify_event>.size
            while offset + size <= count {
                let event = buffer.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                }
                let name = buffer[(offset + size)..<(offset + size + Int(event.len))]
                let bytes = name.prefix { $0 != 0 }
                if let text = String(validating: bytes, as: UTF8.self) {
                    try note(event, text)
                } else {
                    let text = String(decoding: bytes, as: UTF8.self)
                    let paths = folders[event.wd]?.paths.map { Self.join($0, text) } ?? []
                    strange.formUnion(paths.filter(isWanted))
                }
                offset += size + Int(event.len)
            }
        }
        if hasLost { try lookThrough() }
        known = start
    }

    private func note(_ event: inotify_event, _ name: String) throws(SyscallError) {
        func has(_ flags: CInt) -> Bool { event.mask & UInt32(flags) != 0 }
        if has(IN_Q_OVERFLOW) { hasLost = true }
        guard let folder = folders[event.wd] else { return }
        if has(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) {
            for path in folder.paths where has(IN_MOVE_SELF) { forget(path) }
            for path in folder.paths where watches[path] == event.wd { watches[path] = nil }
            folders[event.wd] = nil
            guard folder.paths.contains(where: { leads($0) || roots.contains($0) }) else { return }
            return try lookForRoots(reporting: true)
        }
        if has(IN_ATTRIB) {
            // A mode, an owner, or a time that somebody has set: `touch` of a file that is there. Of a
            // folder its parent tells.
            let children = folder.paths.map { Self.join($0, name) }
            if !name.isEmpty { changed.formUnion(children.filter(isWanted)) }
            return
        }
        let isGone = has(IN_DELETE | IN_MOVED_FROM)
        let isFolder = has(IN_ISDIR)
        for path in folder.paths {
            let child = Self.join(path, name)
            guard isWanted(child) else {
                if leads(child), !isGone { try lookForRoots(reporting: true) }
                continue
            }
            if isGone {
                folders[event.wd]?.names.remove(name)
                if isFolder { forget(child) }
            } else {
                folders[event.wd]?.names.insert(name)
            }
            changed.insert(child)
            if !isGone, isFolder {
                try enter(child, reporting: true)
            } else if !isGone, roots.contains(child) {
                try lookForRoots(reporting: true)
            }
        }
    }

    /// After lost events: what came and went, by the names that there were, and what was changed, by
    /// the time that the file system gave it.
    private func lookThrough() throws(SyscallError) {
        hasLost = false
        for (watch, folder) in folders {
            for path in folder.paths where roots.contains(where: { Self.isIn(path, $0) }) {
                let entries = Self.entries(path) ?? []
                let names = Set(entries.map(\.name))
                folders[watch]?.names = names
                for name in folder.names.subtracting(names) {
                    let child = Self.join(path, name)
                    changed.insert(child)
                    forget(child)
                }
                for entry in entries {
                    let child = Self.join(path, entry.name)
                    if !folder.names.contains(entry.name) {
                        changed.insert(child)
                        if entry.isFolder { try enter(child, reporting: true) }
                    } else if entry.isFolder {
                        if watches[child] == nil { try enter(child, reporting: true) }
                    } else if Self.changeTime(child) >= known - 2 {
                        changed.insert(child)
                    }
                }
            }
        }
        for root in roots where watches[root] == nil && Self.changeTime(root) >= known - 2 {
            changed.insert(root)
        }
        try lookForRoots(reporting: true)
    }

    private static func changeTime(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_ctim.tv_sec : Int.min
    }
}

// Folders.
extension TreeWatch {
    /// Watches the roots that are there, and for each the nearest folder above it that is.
    private func lookForRoots(reporting: Bool) throws(SyscallError) {
        for root in roots {
            var above = root
            repeat { above = Self.parent(above) } while try !watch(above) && above != "/"
            guard watches[root].flatMap({ folders[$0] })?.isEntered != true else { continue }
            let isNew = watches[root] == nil
            try enter(root, reporting: reporting && isNew)
            if reporting, isNew, watches[root] != nil { changed.insert(root) }
        }
    }

    /// Watches a folder and those in it; nothing where it is none.
    private func enter(_ top: String, reporting: Bool) throws(SyscallError) {
        var open = [top]
        while let path = open.popLast() {
            if !roots.contains(path), skips(path) { continue }
            guard try watch(path), let watch = watches[path] else { continue }
            guard let entries = Self.entries(path) else {
                unreadable.insert(path)
                continue
            }
            folders[watch]?.names = Set(entries.map(\.name))
            folders[watch]?.isEntered = true
            for entry in entries {
                let child = Self.join(path, entry.name)
                if reporting { changed.insert(child) }
                if entry.isFolder { open.append(child) }
            }
        }
    }

    /// Watches one folder; false where there is none.
    private func watch(_ path: String) throws(SyscallError) -> Bool {
        if watches[path] != nil { return true }
        let watch: CInt
        do throws(SyscallError) {
            watch = try inotify.with { fd throws(SyscallError) in
                try syscall("inotify_add_watch", on: path) {
                    inotify_add_watch(fd, path, Self.events | UInt32(IN_ONLYDIR))
                }
            }
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return false
        } catch  where error.errno == EACCES {
            unreadable.insert(path)
            return false
        }
        watches[path] = watch
        folders[watch, default: Folder(paths: [])].paths.append(path)
        return true
    }

    /// A folder is elsewhere, or gone: neither it nor what was in it is watched under its path.
    private func forget(_ path: String) {
        guard watches[path] != nil else { return }
        for (inner, watch) in watches where Self.isIn(inner, path) {
            watches[inner] = nil
            folders[watch]?.paths.removeAll { $0 == inner }
            guard folders[watch]?.paths.isEmpty == true else { continue }
            folders[watch] = nil
            // What is gone already has no watch any more.
            _ = inotify.with { inotify_rm_watch($0, watch) }
        }
    }

    /// Whether a path is, or is in, what is to be watched.
    private func isWanted(_ path: String) -> Bool {
        roots.contains { Self.isIn(path, $0) }
    }

    /// Whether something that is to be watched is below a path.
    private func leads(_ path: String) -> Bool {
        roots.contains { $0 != path && Self.isIn($0, path) }
    }

    private static func isIn(_ path: String, _ folder: String) -> Bool {
        guard path.hasPrefix(folder) else { return false }
        return path.utf8.count == folder.utf8.count || folder == "/"
            || path.utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/")
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder == "/" ? "/" + name : "\(folder)/\(name)"
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// nil where it cannot be read.
    private static func entries(_ path: String) -> [FolderEntry]? {
        // `try?`: it went meanwhile, or is told as unreadable.
        try? listFolder(path)
    }
}
