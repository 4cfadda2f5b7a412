import Glibc
import Linux
import SystemPackage

/// Makes a layer's tar into a directory for overlayfs. Everything happens beneath one open
/// directory, which nobody else writes to: names are resolved in it with openat2(2), links and all.
///
/// Whiteouts become overlay's (a character device 0:0); directories that hide what is below are
/// listed, since only who may administer the system can mark them. Kernel documentation,
/// filesystems/overlayfs.rst; OCI image-spec, layer.md.
final class Unpacker {
    let subject: String
    private let folders: LayerFolders
    private let limits: UnpackLimits
    private let metadata: EntryMetadata
    private var entries = 0
    /// What the files hold, links' targets counted, too.
    private(set) var bytes: Int64 = 0
    /// Directories with what their children would inherit (a set-group-id bit, a default ACL): they
    /// get it at the end.
    private var deferred: [EntryPath: TarEntry] = [:]
    private var rootEntry: TarEntry?
    private var impliedPaths: Set<EntryPath> = [.root]
    private var opaquePaths: Set<EntryPath> = []
    /// Of all paths that were ever among those two.
    private var rememberedBytes = 0
    /// Whether something was removed, so that remembered paths may be gone.
    private var hasRemoved = false
    /// Whether the root hides everything below; overlayfs does not know opaque roots.
    private(set) var isRootOpaque = false

    init(into directory: SharedFD, subject: String, limits: UnpackLimits, isUmaskClear: Bool) {
        self.subject = subject
        self.limits = limits
        metadata = EntryMetadata(isUmaskClear: isUmaskClear)
        folders = LayerFolders(directory, name: subject)
        folders.onImplied = { [unowned self] path in
            try countEntry()
            if impliedPaths.insert(path).inserted { rememberedBytes += path.bytes.count + 1 }
            try checkRemembered()
        }
        folders.onOpaque = { [unowned self] path in try hideBelow(path) }
    }

    /// Directories that entries were put into but that the layer does not describe.
    var implied: [EntryPath] { sorted(impliedPaths) }

    /// Directories that hide what the layers below have in them.
    var opaque: [EntryPath] { sorted(opaquePaths) }

    private func sorted(_ paths: Set<EntryPath>) -> [EntryPath] {
        paths.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Reads the whole archive.
    func unpack(_ reader: TarReader) throws {
        var next = try first(of: reader)
        while let entry = next {
            try add(entry, from: reader)
            next = try reader.next()
        }
        if hasRemoved { try forgetWhatIsGone() }
        try folders.closeAll()
        for (path, entry) in deferred {
            try naming(entry) { try metadata.setAll(of: folders.openExisting(path), entry) }
        }
        if let rootEntry {
            try naming(rootEntry) {
                try metadata.setAll(of: folders.openExisting(.root), rootEntry)
            }
        }
    }

    private func first(of reader: TarReader) throws -> TarEntry? {
        do {
            return try reader.next()
        } catch var error as ImageStoreError {
            if case .corrupt(let reason) = error.problem { error.problem = .notAnArchive(reason) }
            throw error
        }
    }

    private func add(_ entry: TarEntry, from reader: TarReader) throws {
        try countEntry()
        let (sum, overflow) = bytes.addingReportingOverflow(entry.size)
        guard !overflow, sum <= limits.bytes else {
            throw ImageStoreError(subject: subject, limits.excess("its files"))
        }
        bytes = sum
        try naming(entry) {
            let path = try EntryPath(entry.name)
            guard !path.isRoot else {
                guard case .directory = entry.kind else {
                    throw EntryPath.Refusal(reason: "only a directory can be the layer's root")
                }
                rootEntry = entry
                impliedPaths.remove(.root)
                return
            }
            if limits.hasWhiteouts, let whiteout = try Whiteout(path) {
                try hide(whiteout, in: path.parent)
            } else {
                try make(entry, at: path, from: reader)
            }
        }
    }

    private func countEntry() throws(ImageStoreError) {
        entries += 1
        guard entries <= limits.entries else {
            throw ImageStoreError(subject: subject, .limit("more than \(limits.entries) entries"))
        }
    }

    private func hideBelow(_ path: EntryPath) throws(ImageStoreError) {
        if opaquePaths.insert(path).inserted { rememberedBytes += path.bytes.count + 1 }
        try checkRemembered()
    }

    private func checkRemembered() throws(ImageStoreError) {
        let count = impliedPaths.count + opaquePaths.count + deferred.count
        guard count <= UnpackLimits.rememberedDirectories else {
            throw ImageStoreError(
                subject: subject,
                .limit(
                    "more than \(UnpackLimits.rememberedDirectories) directories that it does not "
                        + "describe, that hide what is below them, or that pass something on to "
                        + "what is in them"
                )
            )
        }
        guard rememberedBytes <= UnpackLimits.rememberedBytes else {
            throw ImageStoreError(
                subject: subject,
                .limit(
                    "the paths of directories that it does not describe, or that hide what is below "
                        + "them, take more than \(UnpackLimits.rememberedBytes) bytes"
                )
            )
        }
    }

    /// Adds the entry's name to what goes wrong.
    private func naming(_ entry: TarEntry, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as EntryPath.Refusal {
            throw ImageStoreError(
                subject: subject,
                .entry(name: printable(entry.name), reason: error.reason)
            )
        } catch let error as SyscallError {
            // Out of space is not the entry's fault, but its name still helps.
            throw ImageStoreError(subject: subject, failing: error, at: printable(entry.name))
        }
    }

    // MARK: Whiteouts

    private func hide(_ whiteout: Whiteout, in path: EntryPath) throws {
        switch whiteout {
        case .foreign: return
        case .everything:
            guard !path.isRoot else {
                isRootOpaque = true
                return
            }
            _ = try folders.open(path)
            try hideBelow(path)
        case .one(let name):
            let folder = try folders.open(path)
            // A whiteout hides what is below this layer, never what the layer itself brings.
            switch try folder.kind(of: name) {
            case nil: try folder.makeWhiteout(name)
            case .folder: try hideBelow(path.appending(name))
            default: return
            }
        }
    }

    // MARK: Entries

    private func make(_ entry: TarEntry, at path: EntryPath, from reader: TarReader) throws {
        let folder = try folders.open(path.parent)
        let name = path.last
        if case .directory = entry.kind {
            return try makeFolder(entry, name, in: folder, at: path)
        }
        do {
            try makeOther(entry, name, in: folder, from: reader)
        } catch let error as SyscallError where error.errno == EEXIST {
            try clear(name, in: folder)
            // Directories may have been let go of.
            try makeOther(entry, name, in: try folders.open(path.parent), from: reader)
        }
    }

    private func makeFolder(
        _ entry: TarEntry,
        _ name: [CChar],
        in folder: LayerFolder,
        at path: EntryPath
    ) throws {
        impliedPaths.remove(path)
        let isDeferred = entry.passesOn
        do throws(SyscallError) {
            try folder.makeFolder(name, mode: isDeferred ? 0o700 : metadata.creationMode(entry))
        } catch {
            guard error.errno == EEXIST else { throw error }
            guard try folder.kind(of: name) == .folder else {
                // What was there before hid the layers below; the directory has to as well.
                try clear(name, in: folder)
                try makeFolder(entry, name, in: try folders.open(path.parent), at: path)
                try hideBelow(path)
                return
            }
            if !isDeferred { try metadata.setAll(of: folders.openExisting(path), entry) }
            deferred[path] = isDeferred ? entry : nil
            return try checkRemembered()
        }
        if isDeferred {
            deferred[path] = entry
            try checkRemembered()
        } else if entry.attributes.isEmpty {
            try metadata.finish(name, in: folder, entry)
        } else {
            try metadata.setAll(of: folders.openExisting(path), entry)
        }
    }

    private func makeOther(
        _ entry: TarEntry,
        _ name: [CChar],
        in folder: LayerFolder,
        from reader: TarReader
    ) throws {
        switch entry.kind {
        case .file: return try makeFile(entry, name, in: folder, from: reader)
        case .symbolicLink(let target):
            guard !target.isEmpty, !target.contains(0) else {
                throw EntryPath.Refusal(reason: "symbolic link to nothing")
            }
            try folder.makeSymbolicLink(name, to: target)
            bytes += Int64(target.count)
        case .hardLink(let target):
            // The link has the metadata of what it links to.
            return try makeHardLink(name, in: folder, to: target)
        case .fifo: try folder.makeNode(name, S_IFIFO, 0)
        case .device(let isBlock, let major, let minor):
            guard isBlock || major != 0 || minor != 0 else {
                throw EntryPath.Refusal(reason: "device 0:0 is overlay's whiteout, not an image's")
            }
            try folder.makeNode(
                name,
                isBlock ? S_IFBLK : S_IFCHR,
                DeviceNumber(major: major, minor: minor).packed
            )
        case .directory, .other:
            throw EntryPath.Refusal(reason: "a kind of file that layers do not hold")
        }
        try metadata.finish(name, in: folder, entry)
    }

    private func makeFile(
        _ entry: TarEntry,
        _ name: [CChar],
        in folder: LayerFolder,
        from reader: TarReader
    ) throws {
        let file = try folder.makeFile(name, mode: metadata.creationMode(entry))
        var end: Int64 = 0
        try reader.readContent { bytes, offset in
            try write(bytes, to: file, at: offset)
            end = offset + Int64(bytes.count)
        }
        if end < entry.size {
            // The tail of a sparse file.
            try file.with { file throws(SyscallError) in
                _ = try syscall("ftruncate") { ftruncate(file, off_t(entry.size)) }
            }
        }
        try metadata.finish(file, entry)
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: SharedFD,
        at offset: Int64
    ) throws(SyscallError) {
        try file.with { file throws(SyscallError) in
            var written = 0
            while written < bytes.count {
                written += try syscall("write") {
                    pwrite(
                        file,
                        bytes.baseAddress?.advanced(by: written),
                        bytes.count - written,
                        off_t(offset) + off_t(written)
                    )
                }
            }
        }
    }

    private func makeHardLink(
        _ name: [CChar],
        in folder: LayerFolder,
        to target: [UInt8]
    ) throws {
        let path = try EntryPath(target)
        let missing = EntryPath.Refusal(
            reason: "hard link to \(path), which the layer does not contain before it"
        )
        let source: LayerFolder
        do throws(SyscallError) {
            source = try folders.openExisting(path.parent)
        } catch {
            guard error.errno == ENOENT || error.errno == ENOTDIR else { throw error }
            throw missing
        }
        switch try source.kind(of: path.last) {
        case nil, .whiteout: throw missing
        case .folder: throw EntryPath.Refusal(reason: "hard link to the directory \(path)")
        default: try folder.makeHardLink(name, to: path.last, in: source)
        }
    }

    // MARK: Replacing

    /// Removes what an earlier entry made where a later one comes.
    private func clear(_ name: [CChar], in folder: LayerFolder) throws {
        try folder.remove(name)
        // What was open beneath it, or through it, is stale.
        try folders.closeAll()
        hasRemoved = true
    }

    /// Drops remembered paths that are no directories any more.
    private func forgetWhatIsGone() throws {
        func isThere(_ path: EntryPath) throws -> Bool {
            do throws(SyscallError) {
                _ = try folders.openExisting(path)
                return true
            } catch {
                guard [ENOENT, ENOTDIR, ELOOP].contains(error.errno) else { throw error }
                return false
            }
        }
        impliedPaths = try impliedPaths.filter(isThere)
        opaquePaths = try opaquePaths.filter(isThere)
        for path in Array(deferred.keys) where try !isThere(path) { deferred[path] = nil }
    }
}

extension TarEntry {
    /// Whether what is made in the directory would inherit something from it.
    fileprivate var passesOn: Bool {
        mode & S_ISGID != 0 || attributes.contains { $0.name == "system.posix_acl_default" }
    }
}
