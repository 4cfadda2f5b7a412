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
    /// Directories made because an entry needed them.
    private(set) var implied: Set<EntryPath> = []

    private static let keptOpen = 64

    init(_ directory: SharedFD, name: String) {
        root = Root(directory, name: name)
        top = LayerFolder(directory, name: name)
        self.name = name
        implied = [.root]
    }

    /// The directory at a path, made with its parents (0755, root's) where it is missing.
    func open(_ path: EntryPath) throws -> LayerFolder {
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
        try parent.makeFolder(path.last, mode: 0o755)
        implied.insert(path)
        return try openExisting(path)
    }

    /// The directory at a path; ENOENT where it is missing.
    func openExisting(_ path: EntryPath) throws(SyscallError) -> LayerFolder {
        if path.isRoot { return top }
        if let folder = open[path] { return folder }
        let fd = try root.open(path.filePath, O_RDONLY | O_DIRECTORY, crossingMounts: false)
        if open.count >= Self.keptOpen { open.removeAll(keepingCapacity: true) }
        let folder = LayerFolder(SharedFD(fd), name: name)
        open[path] = folder
        return folder
    }

    /// Something at a path was removed: what was open beneath it, or through it, is stale.
    func forget(_ path: EntryPath) {
        open.removeAll(keepingCapacity: true)
        implied = implied.filter { $0 != path && !$0.isBelow(path) }
    }

    /// A whiteout in the way of a directory gives way to it: the layer removes the old one and
    /// fills a new one. True when there was one.
    private func replaceWhiteout(above path: EntryPath) throws -> Bool {
        var path = path
        while !path.isRoot {
            if let parent = try existing(path.parent), try parent.kind(of: path.last) == .whiteout {
                try parent.remove(path.last)
                try parent.makeFolder(path.last, mode: 0o755)
                implied.insert(path)
                try openExisting(path).setOpaque()
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
