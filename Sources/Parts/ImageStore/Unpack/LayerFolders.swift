import Glibc
import Linux
import SystemPackage

/// The directories of a layer being made, opened beneath its root and kept open for a while:
/// archives list neighbours together.
final class LayerFolders {
    private let root: Root
    private let top: LayerFolder
    private let name: String
    private var open: [EntryPath: LayerFolder] = [:]
    /// The same by inode: several paths may lead through links to one directory, and its times are
    /// kept once.
    private var byInode: [ino_t: LayerFolder] = [:]
    /// The one asked for last.
    private var current: (path: EntryPath, folder: LayerFolder)?
    /// Called for each directory made because an entry needed it.
    var onImplied: (EntryPath) throws -> Void = { _ in }
    /// Called for each directory that hides what the layers below have in it.
    var onOpaque: (EntryPath) throws -> Void = { _ in }

    private static let keptOpen = 64

    init(_ directory: SharedFD, name: String) {
        root = Root(directory, name: name)
        top = LayerFolder(directory, name: name)
        self.name = name
    }

    /// The directory at a path, made with its parents (0755, root's) where it is missing.
    func open(_ path: EntryPath) throws -> LayerFolder {
        if let current, current.path == path { return current.folder }
        do throws(SyscallError) {
            return try openExisting(path)
        } catch {
            switch error.errno {
            case ENOENT where !path.isRoot: return try makeImplied(path)
            case ENOTDIR:
                guard try replaceWhiteout(above: path) else {
                    throw EntryPath.Refusal(reason: "\(path) is not a directory")
                }
                return try open(path)
            default: throw error
            }
        }
    }

    private func makeImplied(_ path: EntryPath) throws -> LayerFolder {
        let parent = try open(path.parent)
        guard try parent.kind(of: path.last) == nil else {
            throw EntryPath.Refusal(
                reason: "\(path) is a symbolic link to something the layer does not contain"
            )
        }
        try makeDefault(path.last, in: parent)
        try onImplied(path)
        return try openExisting(path)
    }

    private func makeDefault(_ name: [CChar], in parent: LayerFolder) throws(SyscallError) {
        try parent.makeFolder(name, mode: 0o700)
        try parent.setMode(of: name, 0o755)
    }

    /// The directory at a path; ENOENT where it is missing.
    func openExisting(_ path: EntryPath) throws(SyscallError) -> LayerFolder {
        if path.isRoot { return top }
        if let folder = open[path] {
            current = (path, folder)
            return folder
        }
        let fd = SharedFD(
            try root.open(path.filePath, O_RDONLY | O_DIRECTORY, crossingMounts: false)
        )
        if open.count >= Self.keptOpen { try closeAll() }
        let opened = LayerFolder(fd, name: name)
        let status = try opened.status()
        let folder = byInode[status.st_ino] ?? opened
        if folder === opened {
            folder.times = status.st_mtim
            byInode[status.st_ino] = folder
        }
        open[path] = folder
        current = (path, folder)
        return folder
    }

    /// Lets go of everything that is open.
    func closeAll() throws(SyscallError) {
        for folder in byInode.values { try folder.restoreTimes() }
        open.removeAll(keepingCapacity: true)
        byInode.removeAll(keepingCapacity: true)
        current = nil
    }

    /// A whiteout in the way of a directory gives way to it: the layer removes the old one and
    /// fills a new one. True when there was one.
    private func replaceWhiteout(above path: EntryPath) throws -> Bool {
        var path = path
        while !path.isRoot {
            if let parent = try existing(path.parent), try parent.kind(of: path.last) == .whiteout {
                try parent.remove(path.last)
                try makeDefault(path.last, in: parent)
                try onImplied(path)
                try onOpaque(path)
                return true
            }
            path = path.parent
        }
        return false
    }

    private func existing(_ path: EntryPath) throws(SyscallError) -> LayerFolder? {
        do throws(SyscallError) {
            return try openExisting(path)
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
    }
}
