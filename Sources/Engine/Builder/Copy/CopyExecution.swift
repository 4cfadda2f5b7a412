import Linux
import SystemPackage

/// Carries out one COPY: puts selections into an upper tree.
struct CopyExecution {
    private(set) var tree: UpperTree
    /// The stage with what was copied so far.
    private let merged: LayeredTree
    private var style: CopyStyle
    private let destination: FilePath
    private let isFolderByName: Bool
    /// First names of files that have several, relative to the upper tree.
    private var linked: [FileFacts.Identity: FilePath] = [:]
    /// Whether every file was still what it was when it was looked at.
    private(set) var isStable = true

    /// Copies to an absolute, cleaned path, which `isFolderByName` when it was written with a slash
    /// at its end. `upper` is an empty folder of ours, `layers` are the stage's, topmost first.
    init(
        to destination: FilePath,
        isFolderByName: Bool,
        style: CopyStyle,
        upper: FilePath,
        layers: [FilePath]
    ) throws {
        let below = try LayeredTree(layers: layers, name: "the stage")
        tree = try UpperTree(at: upper, below: below)
        merged = try LayeredTree(layers: [upper] + layers, name: "the stage")
        self.style = style
        self.destination = destination
        self.isFolderByName = isFolderByName
        if let owner = style.owner { tree.newFolderOwner = owner }
        if case .octal(let mode) = style.mode { tree.newFolderMode = mode & 0o777 }
    }

    /// Copies one selection.
    mutating func copy(_ selection: CopySelection, from view: LayeredTree) throws {
        let resolution = try merged.resolve(destination)
        if selection.isFolder {
            let top = selection.items.first { $0.path.isEmpty }
            let folder = try folder(at: resolution, new: top)
            try fill(folder, with: selection.items, from: view)
        } else if let item = selection.items.first, let name = selection.source.lastComponent {
            let (folder, name) = try place(of: name, at: resolution)
            try put(item, as: name, in: folder, from: view)
        }
    }

    /// Puts the files of an archive into the destination, a folder. They keep their modes, and
    /// their owners unless others are asked for; `--chmod` is not for them.
    mutating func unpack(_ items: [CopyItem], from view: LayeredTree) throws {
        let (usual, mode) = (style, tree.newFolderMode)
        style = CopyStyle(owner: style.owner, comesFromContext: false, mode: nil)
        (tree.replaces, tree.newFolderMode) = (true, 0o755)
        defer { (style, tree.replaces, tree.newFolderMode) = (usual, false, mode) }
        for item in items where item.facts.kind == .whiteout {
            throw ViewError("\(item.path): names that begin with .wh. mean deletions in a layer")
        }
        let folder = try folder(at: try merged.resolve(destination), new: nil)
        try fill(folder, with: items, from: view)
    }

    /// Writes a file whose content stands in the Dockerfile.
    mutating func write(_ content: [UInt8], named name: String) throws {
        guard let component = FilePath.Component(name) else {
            throw ViewError("\(name): not a file name")
        }
        let (folder, target) = try place(of: component, at: try merged.resolve(destination))
        try tree.clear(target, in: folder)
        let owner = style.owner ?? .root
        let mode = style.mode?.applied(to: 0o644, isFolder: false) ?? 0o644
        try tree.writeFile(
            target,
            in: folder,
            mode: mode,
            owner: owner,
            attributes: [:],
            modified: nil
        ) { try $0.writeAll(content) }
    }

    /// Makes the destination itself, a folder: WORKDIR.
    mutating func makeDestination() throws {
        _ = try folder(at: try merged.resolve(destination), new: nil)
    }

    /// Sets what can be set only at the end.
    func finish() throws { try tree.finish() }

    /// The folder and the name under which a single file goes.
    private mutating func place(
        of name: FilePath.Component,
        at resolution: LayeredTree.Resolution
    ) throws -> (UpperTree.Folder, FilePath.Component) {
        let exists = resolution.missing.isEmpty
        let isFolder = exists && (resolution.entry.map { $0.kind == .folder } ?? true)
        if isFolder || isFolderByName { return (try folder(at: resolution, new: nil), name) }
        var parent = resolution
        if exists, let entry = resolution.entry {
            parent.entry = nil
            return (try folder(at: parent, new: nil), entry.name)
        }
        let last = parent.missing.removeLast()
        return (try folder(at: parent, new: nil), last)
    }

    /// Opens the folder at a path, and makes what is missing. `new` describes the last one when it
    /// has to be made.
    private mutating func folder(
        at resolution: LayeredTree.Resolution,
        new: CopyItem?
    ) throws -> UpperTree.Folder {
        if let entry = resolution.entry, entry.kind != .folder {
            throw ViewError("\(destination): cannot copy to a non-directory")
        }
        let existing = resolution.names + (resolution.entry.map { [$0.name] } ?? [])
        let names = existing + resolution.missing
        var folder = tree.root
        for (index, name) in names.enumerated() {
            let described = index == names.count - 1 ? new : nil
            let entered = try tree.enter(name, in: folder, new: described)
            folder = entered.folder
            if let described, entered.isNew { try tree.describe(folder, as: described, style) }
        }
        return folder
    }

    private mutating func fill(
        _ top: UpperTree.Folder,
        with items: [CopyItem],
        from view: LayeredTree
    ) throws {
        // The folders that lead to the item before, so that each is opened once.
        var open: [(name: FilePath.Component, folder: UpperTree.Folder)] = []
        for item in items {
            guard let name = item.path.lastComponent else { continue }
            let parents = Array(item.path.components.dropLast())
            var common = 0
            while common < min(open.count, parents.count), open[common].name == parents[common] {
                common += 1
            }
            open.removeLast(open.count - common)
            for parent in parents[common...] {
                let folder = open.last?.folder ?? top
                open.append((parent, try tree.enter(parent, in: folder).folder))
            }
            let folder = open.last?.folder ?? top
            guard item.facts.kind == .folder else {
                try put(item, as: name, in: folder, from: view)
                continue
            }
            open.append((name, try enter(item, as: name, in: folder)))
        }
    }

    /// Opens the folder that an item stands for, and makes it what the item says.
    private mutating func enter(
        _ item: CopyItem,
        as name: FilePath.Component,
        in folder: UpperTree.Folder
    ) throws -> UpperTree.Folder {
        let kind = try tree.kind(of: name, in: folder)
        if kind == .link, item.yields {
            let path = FilePath("/").pushing(folder.path).appending(name)
            return try self.folder(at: try merged.resolve(path), new: nil)
        }
        guard kind == nil || kind == .folder || tree.replaces else {
            throw ViewError(
                "/\(folder.path.appending(name)): cannot copy a directory over a file"
            )
        }
        let entered = try tree.enter(name, in: folder, new: item)
        if entered.isNew || !item.yields {
            try tree.describe(entered.folder, as: item, style)
        }
        return entered.folder
    }

    private mutating func put(
        _ item: CopyItem,
        as name: FilePath.Component,
        in folder: UpperTree.Folder,
        from view: LayeredTree
    ) throws {
        // The names of one folder of a source are all different.
        if !folder.isFresh { try tree.clear(name, in: folder) }
        guard item.facts.kind == .file else {
            if style.comesFromContext, item.facts.kind.isDevice || item.facts.kind == .whiteout {
                throw ViewError("\(item.path): a device node of this machine cannot be copied")
            }
            return try tree.writeSpecial(item, as: name, in: folder, style)
        }
        let path = folder.path.appending(name)
        if item.facts.linkCount > 1 {
            if let first = linked[item.facts.identity], first != path {
                return try tree.link(first, as: name, in: folder)
            }
            linked[item.facts.identity] = path
        }
        let source = try view.open(item)
        let attributes = try CopyScan.attributes(of: source)
        try tree.writeFile(
            name,
            in: folder,
            mode: style.mode(item.facts),
            owner: style.owner(item.facts),
            attributes: attributes,
            modified: item.facts.modified
        ) { target in
            try source.duplicate().copyContents(to: target, subject: path.string)
        }
        let after = try FileFacts(of: source, subject: item.path.string)
        if !after.isUnchanged(since: item.facts) { isStable = false }
    }
}
