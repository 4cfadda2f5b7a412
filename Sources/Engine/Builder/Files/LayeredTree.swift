import Glibc
import Linux
import OCI
import SystemPackage

/// A file system made of layers, read the way overlayfs shows it but without mounting it: what a
/// stage looks like, or a plain folder when there is one layer.
///
/// Every step goes from an open folder to a name in it and follows no link by itself, so what the
/// layers contain cannot lead out of them.
struct LayeredTree: Sendable {
    /// What a symbolic link may do.
    enum Links: Sendable {
        /// Links begin at the view's root, as inside of a container.
        case insideRoot
        /// A link that is absolute or climbs above the root is an error: the build context.
        case forbidEscape
    }

    let root: ViewFolder
    let links: Links
    /// Each layer by itself.
    private let layers: [Root]
    /// What errors call it.
    let name: String

    /// A plain folder of the user.
    init(folder: FilePath, name: String) throws(SyscallError) {
        let fd = SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY))
        root = ViewFolder(parts: [.init(layer: 0, fd: fd)], isOverlay: false)
        layers = [Root(fd, name: name)]
        links = .forbidEscape
        self.name = name
    }

    /// Layers, topmost first; none at all is an empty file system.
    init(layers: [FilePath], name: String) throws(SyscallError) {
        var parts: [ViewFolder.Part] = []
        for (index, layer) in layers.enumerated() {
            let fd = SharedFD(try openFile(layer, O_RDONLY | O_DIRECTORY))
            parts.append(.init(layer: index, fd: fd))
        }
        root = ViewFolder(parts: parts, isOverlay: true)
        self.layers = parts.map { Root($0.fd, name: name) }
        links = .insideRoot
        self.name = name
    }

    /// Where a path leads.
    struct Resolution {
        /// The folders from the root to the one that holds the entry, or that lacks `missing`.
        var folders: [ViewFolder]
        /// Their names; one less than `folders`.
        var names: [FilePath.Component]
        /// The last name and what it is; nil when the path is the root or does not exist.
        var entry: ViewEntry?
        /// What does not exist, from the first missing name on.
        var missing: [FilePath.Component] = []

        var folder: ViewFolder { folders[folders.count - 1] }
    }

    /// Most links on one path, as in the kernel.
    private static let maximumLinks = 40

    /// Walks a path from the root. Links on the way are followed; the last one if `followsLast`.
    func resolve(_ path: FilePath, followsLast: Bool = true) throws -> Resolution {
        var result = Resolution(folders: [root], names: [], entry: nil)
        var pending = Array(path.components.reversed())
        var followed = 0
        while let component = pending.popLast() {
            if component.kind == .currentDirectory { continue }
            if component.kind == .parentDirectory {
                try climb(&result, path)
                continue
            }
            guard let entry = try result.folder.entry(component) else {
                result.missing = [component] + pending.reversed().filter { $0.kind == .regular }
                return result
            }
            if entry.kind == .link, followsLast || !pending.isEmpty {
                followed += 1
                guard followed <= Self.maximumLinks else {
                    throw ViewError("\(path): too many levels of symbolic links")
                }
                let target = FilePath(bytes: try result.folder.linkTarget(entry))
                if target.isAbsolute {
                    if links == .forbidEscape { throw escape(path) }
                    result.folders = [root]
                    result.names = []
                }
                pending += target.components.reversed()
                continue
            }
            guard !pending.isEmpty else {
                result.entry = entry
                return result
            }
            guard entry.kind == .folder else {
                throw ViewError("\(path): \(component) is not a directory")
            }
            result.folders.append(try result.folder.open(component))
            result.names.append(component)
        }
        return try lastFolderAsEntry(result)
    }

    /// A path that ended in a folder by `..` or at the root: the folder itself is the entry.
    private func lastFolderAsEntry(_ walked: Resolution) throws -> Resolution {
        var result = walked
        guard let name = result.names.popLast() else { return result }
        result.folders.removeLast()
        result.entry = try result.folder.entry(name)
        return result
    }

    private func climb(_ result: inout Resolution, _ path: FilePath) throws {
        guard result.folders.count > 1 else {
            if links == .forbidEscape { throw escape(path) }
            return
        }
        result.folders.removeLast()
        result.names.removeLast()
    }

    private func escape(_ path: FilePath) -> ViewError {
        ViewError("\(path): forbidden path outside the build context")
    }

    /// Opens a regular file that a walk found; a path that leads through a link by now is refused.
    func open(_ item: CopyItem) throws(SyscallError) -> SharedFD {
        guard let file = try layers[item.layer].openRegular(item.source, links: .refused) else {
            throw SyscallError(call: "open", subject: "\(name):\(item.source)", errno: ENOENT)
        }
        return SharedFD(file)
    }

    /// The bytes of a regular file, links followed; nil when there is none.
    func readFile(_ path: FilePath, limit: Int) throws -> [UInt8]? {
        let resolution = try resolve(path)
        guard let entry = resolution.entry else { return nil }
        guard entry.kind == .file else { throw ViewError("\(name): \(path) is not a file") }
        guard entry.facts.size <= limit else {
            throw ViewError("\(name): \(path) is larger than \(limit) bytes")
        }
        return try resolution.folder.openFile(entry).readToEnd(limit: limit)
    }
}

extension LayeredTree {
    /// Stands for the folders that lead to a path, as far as a layer on top of them repeats them:
    /// where they are, links followed, and what they look like.
    func digest(ofPathTo path: FilePath) throws -> Digest {
        let found = try resolve(path)
        var key = KeyDigest("path")
        key.add(found.names.map(\.string))
        key.add(found.missing.map(\.string))
        // A layer says nothing about the root.
        var folders = Array(found.folders.dropFirst())
        if let entry = found.entry {
            key.add(entry.name.string)
            key.add(UInt64(entry.kind.rawValue))
            if entry.kind == .folder { folders.append(try found.folder.open(entry.name)) }
        }
        for folder in folders {
            guard let top = folder.parts.first else { continue }
            let facts = try FileFacts(of: top.fd, subject: path.string)
            key.add(UInt64(facts.mode))
            key.add(UInt64(facts.owner))
            key.add(UInt64(facts.group))
            key.add(UInt64(bitPattern: facts.modified.seconds))
            key.add(UInt64(bitPattern: facts.modified.nanoseconds))
            for (name, value) in try CopyScan.attributes(of: folder).sorted(by: { $0.key < $1.key })
            {
                key.add(name)
                key.add(value)
            }
        }
        return key.finish()
    }
}

/// A path that cannot be walked, in words.
struct ViewError: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

extension FilePath {
    /// A path as the kernel gives it.
    init(bytes: [UInt8]) {
        self.init(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
    }

    /// The path as the kernel takes it.
    var bytes: [UInt8] {
        withPlatformString { text in (0..<strlen(text)).map { UInt8(bitPattern: text[$0]) } }
    }
}
