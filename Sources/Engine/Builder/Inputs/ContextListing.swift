import Glibc
import Linux
package import SystemPackage

/// What the kernel says of every file of a build context that the ignore rules let in: enough to know,
/// without reading any, whether one of them is another than at an earlier look.
///
/// One run of bytes, in the order of the walk, so that two of them are compared in one step: for each entry
/// its path, a zero, and what is known of it.
package struct ContextListing: Equatable, Sendable {
    /// All entries, one after the other.
    package private(set) var bytes: [UInt8] = []
    /// The newest time of any file, in nanoseconds since 1970.
    private(set) var newest: Int64 = 0
    private(set) var count = 0

    /// A context with more is not compared.
    package static let maximumEntries = 1_000_000
    private static let numbers = 5
    private static let factsLength = 1 + numbers * MemoryLayout<Int64>.size

    /// One that was written down.
    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Walks a folder, or what `only` covers of it. A file that is changed after this has returned has
    /// another time than is written here, even where the clock of the file system is slow: a younger one is
    /// waited for.
    /// - Throws: for what cannot be looked into, and for a context that is too large.
    package init(
        of folder: FilePath,
        _ rules: IgnoreRules?,
        only covered: CoveredPaths = .all
    ) throws {
        while true {
            let begun = Self.now()
            var walk = Self()
            let root = try openFile(folder, O_RDONLY | O_DIRECTORY)
            try root.with { try walk.add($0, "", rules, covered) }
            if walk.newest < begun - Self.clockTick || walk.newest > begun + Self.clockTick {
                self = walk
                return
            }
            usleep(UInt32(Self.clockTick / 1000))
        }
    }

    private init() {}

    /// Coarser is no clock of Linux: one of its ticks at 100 a second.
    private static let clockTick: Int64 = 10_000_000

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// `path` is the folder's, empty or with a slash at its end.
    private mutating func add(
        _ folder: CInt,
        _ path: String,
        _ rules: IgnoreRules?,
        _ covered: CoveredPaths
    ) throws {
        for name in try Self.names(in: folder, path) {
            let own = path + String(decoding: name.dropLast(), as: UTF8.self)
            guard covered.leads(to: own) else { continue }
            let isCovered = covered.covers(own)
            let verdict = rules?.judge(own)
            let isIn = verdict?.excluded != true
            guard isIn || verdict?.mayIncludeBeneath == true else { continue }
            var status = stat()
            let result = Self.with(name) { fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }
            // Gone since the folder was read.
            guard result == 0 else { continue }
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            if isIn, isCovered { try note(path, name, status, isFolder: isFolder) }
            guard isFolder else { continue }
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let inner = Self.with(name) { openat(folder, $0, flags) }
            guard inner >= 0 else {
                if errno == ENOENT { continue }
                throw SyscallError(call: "open", subject: own, errno: errno)
            }
            defer { close(inner) }
            try add(inner, own + "/", rules, isCovered ? .all : covered)
        }
    }

    /// Sorted, each with a zero at its end.
    private static func names(in folder: CInt, _ path: String) throws -> [[UInt8]] {
        // closedir closes what it was given.
        let copy = fcntl(folder, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else {
            throw SyscallError(call: "opendir", subject: path, errno: errno)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                Array(bytes.prefix { $0 != 0 }) + [0]
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            names.append(name)
        }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return names
    }

    /// A name as the kernel takes it.
    private static func with(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> CInt) -> CInt {
        name.withUnsafeBytes { bytes in
            bytes.baseAddress.map { body($0.assumingMemoryBound(to: CChar.self)) } ?? -1
        }
    }

    /// Of a folder only its mode counts: its times change with files that are not let in.
    private mutating func note(
        _ path: String,
        _ name: [UInt8],
        _ status: stat,
        isFolder: Bool
    ) throws {
        count += 1
        guard count <= Self.maximumEntries else {
            throw SyscallError(call: "read", subject: path, errno: EFBIG)
        }
        bytes += path.utf8
        bytes += name
        let changed = Self.nanoseconds(status.st_ctim)
        let written = Self.nanoseconds(status.st_mtim)
        if !isFolder { newest = max(newest, changed, written) }
        bytes.append(isFolder ? 1 : 0)
        let facts =
            isFolder
            ? (Int64(status.st_mode), 0, 0, 0, 0)
            : (
                Int64(status.st_mode), Int64(status.st_size), written, changed,
                Int64(truncatingIfNeeded: status.st_ino)
            )
        withUnsafeBytes(of: facts) { bytes += $0 }
    }
}

extension ContextListing {
    /// Whether nothing differs.
    package static func == (one: ContextListing, other: ContextListing) -> Bool {
        one.bytes == other.bytes
    }

    /// A path that differs, and how.
    package enum Change: Hashable, Sendable, CustomStringConvertible {
        case added(String), removed(String), changed(String)

        /// `src/app.py changed`
        package var description: String {
            switch self {
            case .added(let path): "\(path) added"
            case .removed(let path): "\(path) removed"
            case .changed(let path): "\(path) changed"
            }
        }
    }

    /// What differs since `former`, in the order of the paths. Of a folder that is new or gone only itself is
    /// named.
    package func changes(since former: ContextListing) -> [Change] {
        guard bytes != former.bytes else { return [] }
        let (old, new) = (former.entries(), entries())
        var changes: [Change] = []
        for (path, facts) in new {
            if let before = old[path] {
                if before != facts { changes.append(.changed(path)) }
            } else {
                changes.append(.added(path))
            }
        }
        for path in old.keys where new[path] == nil { changes.append(.removed(path)) }
        let whole = Set(changes.compactMap { $0.wholeFolder(in: $0.isRemoval ? old : new) })
        return changes.filter { change in !change.path.ancestors.contains(where: whole.contains) }
            .sorted { ($0.path, $0.description) < ($1.path, $1.description) }
    }

    /// What of it some paths cover. All of it where one of them is a link, or leads through one: what a build
    /// reads by that lies elsewhere.
    package func limited(to covered: CoveredPaths) -> (
        listing: ContextListing, covered: CoveredPaths
    ) {
        if covered == .all { return (self, covered) }
        let entries = entries()
        let places = covered.prefixes.flatMap { $0.ancestors + [$0] }
        let isLinked = places.contains { place in
            guard let facts = entries[place]?.dropFirst() else { return false }
            var mode: Int64 = 0
            withUnsafeMutableBytes(of: &mode) { $0.copyBytes(from: facts.prefix(8)) }
            return mode & Int64(S_IFMT) == Int64(S_IFLNK)
        }
        if isLinked { return (self, .all) }
        var limited = ContextListing()
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0), rest.endIndex - end > Self.factsLength {
            let next = end + 1 + Self.factsLength
            if covered.covers(String(decoding: rest[..<end], as: UTF8.self)) {
                limited.bytes += rest[..<next]
            }
            rest = rest[next...]
        }
        return (limited, covered)
    }

    private func entries() -> [String: ArraySlice<UInt8>] {
        var entries: [String: ArraySlice<UInt8>] = [:]
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0), rest.endIndex - end > Self.factsLength {
            let facts = rest[(end + 1)..<(end + 1 + Self.factsLength)]
            entries[String(decoding: rest[..<end], as: UTF8.self)] = facts
            rest = rest[facts.endIndex...]
        }
        return entries
    }
}

extension ContextListing.Change {
    /// What differs, relative to the context.
    package var path: String {
        switch self {
        case .added(let path), .removed(let path), .changed(let path): path
        }
    }

    fileprivate var isRemoval: Bool {
        if case .removed = self { true } else { false }
    }

    /// Its path, where it is a folder that came or went.
    fileprivate func wholeFolder(in entries: [String: ArraySlice<UInt8>]) -> String? {
        if case .changed = self { return nil }
        return entries[path]?.first == 1 ? path : nil
    }
}

extension String {
    /// `a`, `a/b` of `a/b/c`.
    fileprivate var ancestors: [String] {
        indices.filter { self[$0] == "/" }.map { String(self[..<$0]) }
    }
}
