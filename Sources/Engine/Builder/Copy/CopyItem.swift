import Linux
import SystemPackage

/// One file, folder or link that a COPY takes.
struct CopyItem: Sendable {
    /// Where it goes, relative to the destination of its source; empty for the folder whose
    /// content is copied.
    var path: FilePath
    var facts: FileFacts
    /// Content of a link.
    var linkTarget: [UInt8] = []
    /// Where it is in the view, links resolved, and the layer that has it.
    var source: FilePath
    var layer: Int
    /// Extended attributes that are copied.
    var attributes: [String: [UInt8]] = [:]
}

/// What one source of a COPY stands for.
struct CopySelection: Sendable {
    /// The source as written, cleaned; wildcards expanded.
    var source: FilePath
    /// A folder gives its content, anything else goes under its own name.
    var isFolder: Bool
    /// Parents before children, each folder's names in the order of their bytes.
    var items: [CopyItem]
}

/// Finds what the sources of a COPY stand for.
struct CopyScan {
    let view: LayeredTree
    /// Rules of the context; none for stages and images.
    let ignored: IgnoreRules

    /// Deeper folders are refused: each level is a frame of the stack and an open descriptor.
    static let maximumDepth = 512

    /// The selections of one source argument, which may have wildcards in any element. A wildcard
    /// that matches nothing selects nothing; a plain path that does not exist is an error.
    func select(_ argument: String) throws -> [CopySelection] {
        let elements = PathText.clean("/" + argument).split(separator: "/").map(String.init)
        let hasWildcards = elements.contains(where: Self.isPattern)
        var paths = [FilePath("/")]
        for (index, element) in elements.enumerated() {
            guard Self.isPattern(element) else {
                paths = paths.map { $0.appending(element) }
                continue
            }
            let isLast = index == elements.count - 1
            paths = try paths.flatMap { try matches(of: element, beneath: $0, isLast: isLast) }
        }
        return try paths.compactMap { path in
            try selection(path, argument: argument, mayBeMissing: hasWildcards)
        }
    }

    static func isPattern(_ element: String) -> Bool {
        element.utf8.contains { "*?[\\".utf8.contains($0) }
    }

    private func matches(
        of element: String,
        beneath path: FilePath,
        isLast: Bool
    ) throws -> [FilePath] {
        let pattern = try PathPattern(element)
        let resolution = try view.resolve(path)
        guard resolution.missing.isEmpty else { return [] }
        let folder: ViewFolder
        if let entry = resolution.entry {
            guard entry.kind == .folder else { return [] }
            folder = try resolution.folder.open(entry.name)
        } else {
            folder = resolution.folder
        }
        return try folder.names().filter { pattern.match(Array($0.string.unicodeScalars)).path }
            .map { path.appending($0) }
    }

    private func selection(
        _ argumentPath: FilePath,
        argument: String,
        mayBeMissing: Bool
    ) throws -> CopySelection? {
        let resolution = try view.resolve(argumentPath)
        let names = resolution.names + (resolution.entry.map { [$0.name] } ?? [])
        let relative = names.map(\.string).joined(separator: "/")
        let real = FilePath(root: "/", names)
        guard resolution.missing.isEmpty else {
            if mayBeMissing { return nil }
            let path = PathText.absolute(argument, in: "/")
            throw ViewError("\"\(path)\": not found in \(view.name)")
        }
        let verdict = relative.isEmpty ? nil : ignored.judge(relative)
        guard let entry = resolution.entry else {
            let items = try contents(of: view.root, at: "/", relative: "")
            return CopySelection(source: argumentPath, isFolder: true, items: items)
        }
        if let verdict, verdict.excluded, entry.kind != .folder || !verdict.mayIncludeBeneath {
            if mayBeMissing { return nil }
            throw ViewError("\"/\(relative)\": excluded by .dockerignore")
        }
        guard entry.kind == .folder else {
            guard entry.kind != .socket else {
                throw ViewError("\"/\(relative)\": a socket cannot be copied")
            }
            let path = FilePath(root: nil, [entry.name])
            let item = try item(entry, in: resolution.folder, at: real, path: path)
            return CopySelection(source: argumentPath, isFolder: false, items: [item])
        }
        let folder = try resolution.folder.open(entry.name)
        var top = try item(entry, in: resolution.folder, at: real, path: FilePath())
        top.attributes = try Self.attributes(of: folder)
        let items = try contents(of: folder, at: real, relative: relative)
        return CopySelection(source: argumentPath, isFolder: true, items: [top] + items)
    }

    /// Everything in a folder, without the folder.
    private func contents(
        of folder: ViewFolder,
        at source: FilePath,
        relative: String
    ) throws -> [CopyItem] {
        var items: [CopyItem] = []
        var pending: [CopyItem] = []
        try walk(folder, source, relative, FilePath(), depth: 0, pending: &pending, items: &items)
        return items
    }

    /// `pending` are folders that are excluded themselves: they come in with the first item that
    /// is included beneath them.
    private func walk(
        _ folder: ViewFolder,
        _ source: FilePath,
        _ relative: String,
        _ path: FilePath,
        depth: Int,
        pending: inout [CopyItem],
        items: inout [CopyItem]
    ) throws {
        guard depth < Self.maximumDepth else {
            throw ViewError("\(view.name): folders are nested deeper than \(Self.maximumDepth)")
        }
        for name in try folder.names() {
            // Gone since it was listed.
            guard let entry = try folder.entry(name), entry.kind != .socket else { continue }
            let nameText = relative.isEmpty ? name.string : relative + "/" + name.string
            let verdict =
                ignored.isEmpty
                ? IgnoreRules.Verdict(excluded: false, mayIncludeBeneath: false)
                : ignored.judge(nameText)
            let isFolder = entry.kind == .folder
            if verdict.excluded, !isFolder || !verdict.mayIncludeBeneath { continue }
            let inside = source.appending(name)
            var item = try item(entry, in: folder, at: inside, path: path.appending(name))
            guard isFolder else {
                items += pending + [item]
                pending.removeAll()
                continue
            }
            let inner = try folder.open(name)
            item.attributes = try Self.attributes(of: inner)
            pending.append(item)
            if !verdict.excluded {
                items += pending
                pending.removeAll()
            }
            try walk(
                inner,
                inside,
                nameText,
                item.path,
                depth: depth + 1,
                pending: &pending,
                items: &items
            )
            // Nothing beneath it came in.
            if verdict.excluded, pending.last?.path == item.path { pending.removeLast() }
        }
    }

    private func item(
        _ entry: ViewEntry,
        in folder: ViewFolder,
        at source: FilePath,
        path: FilePath
    ) throws -> CopyItem {
        var item = CopyItem(
            path: path,
            facts: entry.facts,
            source: source,
            layer: folder.parts[entry.part].layer
        )
        if entry.kind == .link { item.linkTarget = try folder.linkTarget(entry) }
        return item
    }

    /// The attributes that a copy keeps: those of users and access control lists. Those of
    /// security modules say something about this machine, and overlay's about our layers.
    static func attributes(of folder: ViewFolder) throws(SyscallError) -> [String: [UInt8]] {
        guard let top = folder.parts.first else { return [:] }
        return try attributes(of: top.fd)
    }

    static func attributes(of file: SharedFD) throws(SyscallError) -> [String: [UInt8]] {
        var kept: [String: [UInt8]] = [:]
        for name in try file.extendedAttributeNames(subject: "copied file") where isKept(name) {
            kept[name] = try file.extendedAttribute(name, subject: "copied file")
        }
        return kept
    }

    private static func isKept(_ name: String) -> Bool {
        name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
            || name.hasPrefix("system.posix_acl_")
    }
}
