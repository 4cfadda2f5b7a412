import Linux
import SystemPackage

/// Finds what the sources of a COPY stand for.
struct CopyScan {
    let view: LayeredTree
    /// Rules of the context; none for stages and images.
    let ignored: IgnoreRules
    /// `--exclude`: rules for what lies beneath a source, and for a source that is a file.
    var exclusions = IgnoreRules()
    /// `--parents`.
    var keepsParents = false

    /// Deeper folders are refused: each level is a frame of the stack and an open descriptor.
    static let maximumDepth = 512

    /// The selections of one source argument, which may have wildcards in any element. A wildcard
    /// that matches nothing selects nothing; a plain path that does not exist is an error.
    func select(_ argument: String) throws -> [CopySelection] {
        let elements = Self.elements(of: argument)
        let hasWildcards = elements.contains(where: Self.isPattern)
        var paths = [FilePath("/")]
        for element in elements {
            if keepsParents, element == "**" {
                paths = try paths.flatMap { try foldersBeneath($0) }
            } else if Self.isPattern(element) {
                paths = try paths.flatMap { try matches(of: element, beneath: $0) }
            } else {
                paths = paths.map { $0.appending(element) }
            }
        }
        let pivot = Self.pivot(of: argument)
        return try paths.compactMap { path in
            let found = try selection(path, argument: argument, mayBeMissing: hasWildcards)
            return keepsParents ? try found.map { try withParents($0, from: pivot) } : found
        }
    }

    private static func elements(of path: String) -> [String] {
        PathText.clean("/" + path).split(separator: "/").map(String.init)
    }

    /// How many elements of a source stand before `/./`: with `--parents` only what follows stays.
    private static func pivot(of argument: String) -> Int {
        let parts = argument.split(separator: "/")
        guard let dot = parts.firstIndex(of: "."), dot < parts.count - 1 else { return 0 }
        return elements(of: parts[..<dot].joined(separator: "/")).count
    }

    static func isPattern(_ element: String) -> Bool {
        element.utf8.contains { "*?[\\".utf8.contains($0) }
    }

    private func matches(of element: String, beneath path: FilePath) throws -> [FilePath] {
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

    /// A folder and all folders in it, links left alone: what `**` may stand for.
    private func foldersBeneath(_ path: FilePath) throws -> [FilePath] {
        let resolution = try view.resolve(path)
        guard resolution.missing.isEmpty else { return [] }
        var found: [FilePath] = []
        var pending: [(FilePath, ViewFolder)] = []
        if let entry = resolution.entry {
            guard entry.kind == .folder else { return [] }
            pending = [(path, try resolution.folder.open(entry.name))]
        } else {
            pending = [(path, resolution.folder)]
        }
        while let (path, folder) = pending.popLast() {
            guard path.components.count < Self.maximumDepth else {
                throw ViewError("\(view.name): folders are nested deeper than \(Self.maximumDepth)")
            }
            found.append(path)
            for name in try folder.names().reversed() {
                guard try folder.entry(name)?.kind == .folder else { continue }
                pending.append((path.appending(name), try folder.open(name)))
            }
        }
        return found
    }

    /// The same files beneath the folders that lead to them.
    private func withParents(_ selection: CopySelection, from pivot: Int) throws -> CopySelection {
        let kept = Array(selection.source.components.dropFirst(pivot))
        let hasTop = selection.items.first?.path.isEmpty ?? false
        let parents = selection.isFolder && !hasTop ? kept : Array(kept.dropLast())
        var items: [CopyItem] = []
        var path = FilePath()
        var source = FilePath(root: "/", selection.source.components.prefix(pivot))
        for name in parents {
            path.append(name)
            source.append(name)
            let resolution = try view.resolve(source)
            guard let entry = resolution.entry else { continue }
            let real = FilePath(root: "/", resolution.names + [entry.name])
            var parent = try item(entry, in: resolution.folder, at: real, path: path)
            parent.yields = true
            items.append(parent)
        }
        let prefix = FilePath(root: nil, selection.isFolder ? kept : Array(kept.dropLast()))
        items += selection.items.map { item in
            var item = item
            item.path = prefix.pushing(item.path)
            return item
        }
        return CopySelection(source: selection.source, isFolder: true, items: items)
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
            if !exclusions.isEmpty, exclusions.judge(entry.name.string).excluded { return nil }
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
            let inner = path.appending(name)
            let verdict = verdict(on: nameText, copiedAs: inner)
            let isFolder = entry.kind == .folder
            if verdict.excluded, !isFolder || !verdict.mayIncludeBeneath { continue }
            let inside = source.appending(name)
            var item = try item(entry, in: folder, at: inside, path: inner)
            guard isFolder else {
                items += pending + [item]
                pending.removeAll()
                continue
            }
            let opened = try folder.open(name)
            item.attributes = try Self.attributes(of: opened)
            pending.append(item)
            if !verdict.excluded {
                items += pending
                pending.removeAll()
            }
            try walk(
                opened,
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

    private func verdict(on path: String, copiedAs inner: FilePath) -> IgnoreRules.Verdict {
        if !exclusions.isEmpty, exclusions.judge(inner.string).excluded {
            return IgnoreRules.Verdict(excluded: true, mayIncludeBeneath: false)
        }
        if ignored.isEmpty { return IgnoreRules.Verdict(excluded: false, mayIncludeBeneath: false) }
        return ignored.judge(path)
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
}
