import Glibc
import Linux
import SystemPackage

/// Makes a layer's tar into a directory for overlayfs. Everything happens beneath one open
/// directory, which nobody else writes to: names are resolved in it with openat2(2), links and all.
///
/// Whiteouts become overlay's (a character device 0:0; `trusted.overlay.opaque`), kernel
/// documentation, filesystems/overlayfs.rst. OCI image-spec, layer.md.
final class Unpacker {
    let subject: String
    private let folders: LayerFolders
    private let limits: UnpackLimits
    private var entries = 0
    private var bytes: Int64 = 0
    /// Metadata of directories, set at the end: making files in them changes their times.
    private var directories: [EntryPath: TarEntry] = [:]
    /// Whether the root hides everything below; overlayfs does not know opaque roots.
    private(set) var isRootOpaque = false

    init(into directory: SharedFD, subject: String, limits: UnpackLimits) {
        self.subject = subject
        self.limits = limits
        folders = LayerFolders(directory, name: subject)
    }

    /// Directories that entries were put into but that the layer does not describe.
    var implied: [EntryPath] {
        folders.implied.filter { directories[$0] == nil }.sorted {
            $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
    }

    /// Reads the whole archive.
    func unpack(_ reader: TarReader) throws {
        while let entry = try reader.next() { try add(entry, from: reader) }
        for (path, entry) in directories { try finish(path, entry) }
    }

    private func add(_ entry: TarEntry, from reader: TarReader) throws {
        entries += 1
        bytes += max(0, entry.size)
        guard entries <= limits.entries else {
            throw ImageStoreError(subject: subject, .limit("more than \(limits.entries) entries"))
        }
        guard bytes <= limits.bytes else {
            throw ImageStoreError(
                subject: subject,
                .limit("files of more than \(limits.bytes) bytes")
            )
        }
        do {
            let path = try EntryPath(entry.name)
            guard !path.isRoot else {
                if case .directory = entry.kind { directories[.root] = entry }
                return
            }
            if let whiteout = try Whiteout(path) {
                try hide(whiteout, in: path.parent)
            } else {
                try make(entry, at: path, from: reader)
            }
        } catch let error as EntryPath.Refusal {
            throw refusal(entry, error.reason)
        } catch let error as SyscallError {
            // Out of space, for one, is not the entry's fault, but its name still helps.
            throw refusal(entry, "\(error.call): \(error.reason)")
        }
    }

    private func refusal(_ entry: TarEntry, _ reason: String) -> ImageStoreError {
        ImageStoreError(subject: subject, .entry(name: printable(entry.name), reason: reason))
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
            try folders.open(path).setOpaque()
        case .one(let name):
            let folder = try folders.open(path)
            // A whiteout hides what is below this layer, never what the layer itself brings.
            switch try folder.kind(of: name) {
            case nil: try folder.makeWhiteout(name)
            case .folder: try folders.open(path.appending(name)).setOpaque()
            default: return
            }
        }
    }

    // MARK: Entries

    private func make(_ entry: TarEntry, at path: EntryPath, from reader: TarReader) throws {
        let folder = try folders.open(path.parent)
        let name = path.last
        if case .directory = entry.kind {
            try makeFolder(name, in: folder, at: path)
            directories[path] = entry
            return
        }
        do {
            try makeOther(entry, name, in: folder, from: reader)
        } catch let error as SyscallError where error.errno == EEXIST {
            try clear(name, in: folder, at: path)
            try makeOther(entry, name, in: folder, from: reader)
        }
    }

    private func makeFolder(_ name: [CChar], in folder: LayerFolder, at path: EntryPath) throws {
        switch try folder.kind(of: name) {
        case .folder: return
        case nil: try folder.makeFolder(name)
        default:
            // What was there before hid the layers below; the directory has to as well.
            try clear(name, in: folder, at: path)
            try folder.makeFolder(name)
            try folders.open(path).setOpaque()
        }
    }

    private func makeOther(
        _ entry: TarEntry,
        _ name: [CChar],
        in folder: LayerFolder,
        from reader: TarReader
    ) throws {
        switch entry.kind {
        case .file:
            try folder.makeFile(name, entry) { write in try reader.readContent(write) }
            return
        case .symbolicLink(let target):
            guard !target.isEmpty, !target.contains(0) else {
                throw EntryPath.Refusal(reason: "symbolic link to nothing")
            }
            try folder.makeSymbolicLink(name, to: target)
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
        try folder.setMetadata(of: name, entry)
    }

    private func makeHardLink(
        _ name: [CChar],
        in folder: LayerFolder,
        to target: [UInt8]
    ) throws {
        let path = try EntryPath(target)
        let source: LayerFolder
        do throws(SyscallError) {
            source = try folders.openExisting(path.parent)
        } catch {
            guard error.errno == ENOENT else { throw error }
            throw Self.missing(path)
        }
        switch try source.kind(of: path.last) {
        case nil: throw Self.missing(path)
        case .folder: throw EntryPath.Refusal(reason: "hard link to the directory \(path)")
        case .whiteout: throw Self.missing(path)
        default: try folder.makeHardLink(name, to: path.last, in: source)
        }
    }

    private static func missing(_ target: EntryPath) -> EntryPath.Refusal {
        EntryPath.Refusal(
            reason: "hard link to \(target), which the layer does not contain before it"
        )
    }

    /// Removes what an earlier entry made at a path that a later one takes.
    private func clear(_ name: [CChar], in folder: LayerFolder, at path: EntryPath) throws {
        let kind = try folder.kind(of: name)
        try folder.remove(name)
        if kind == .folder {
            directories[path] = nil
            for below in directories.keys where below.isBelow(path) { directories[below] = nil }
        }
        folders.forget(path)
    }

    private func finish(_ path: EntryPath, _ entry: TarEntry) throws {
        do {
            try folders.openExisting(path).setOwnMetadata(entry)
        } catch let error as SyscallError {
            throw refusal(entry, "\(error.call): \(error.reason)")
        }
    }
}
