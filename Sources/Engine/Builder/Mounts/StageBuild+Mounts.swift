import ContainerRuntime
import Linux
import OCI
import SystemPackage

extension StageBuild {
    /// The content of what a step's mounts show, for its key: by layers, which is quick and says too
    /// much, and by files. The second is nil where the first is as good.
    func contents(
        of mounts: [ResolvedMount]
    ) async throws -> (quick: [String]?, full: @Sendable () async throws -> [String]) {
        var quick: [String]? = []
        var sources: [(BuildSession.CopyOrigin, String)] = []
        for mount in mounts where mount.mount.kind == .bind {
            let origin = try await origin(of: mount)
            origin.reads?.note([mount.path])
            if let chain = origin.chain { quick?.append("chain " + chain) } else { quick = nil }
            sources.append((origin, mount.path))
        }
        let (session, all) = (session, sources)
        return (
            quick,
            {
                try await blocking { () throws(any Error) in
                    try all.map { origin, path in
                        // A whole image is what its layers are, and dear to read.
                        if path == "/", let chain = origin.chain { return "chain " + chain }
                        let found = try CopyScan(mounting: origin).select(path.escapingWildcards)
                        return "\(try session.digest(found, from: origin))"
                    }
                }
            }
        )
    }

    private func origin(of mount: ResolvedMount) async throws -> BuildSession.CopyOrigin {
        guard let source = mount.source else {
            preconditionFailure("the plan knows where every mount takes its files from")
        }
        let (session, stages, planned) = (session, stages, planned)
        return try await blocking { () throws(any Error) in
            try session.origin(source, of: planned, stages: stages)
        }
    }

    /// What a bind mount shows: the files where they are, when one layer has all of them and nothing
    /// is written, else a copy at `place`. Of the context only what a COPY would take is seen.
    func bindSource(_ mount: ResolvedMount, in place: FilePath) async throws -> FilePath {
        let origin = try await origin(of: mount)
        return try await blocking { () throws(any Error) in
            if mount.mount.isReadOnly, let path = try origin.single(mount.path) { return path }
            let found = try CopyScan(mounting: origin).select(mount.path.escapingWildcards)
            try makeDirectories(place, mode: 0o755)
            try origin.copy(found, to: "/source", in: place)
            return place.appending("source")
        }
    }

    /// Takes a cache, which begins with what its `from` says.
    func takeCache(_ mount: ResolvedMount) async throws -> CacheMounts.Held {
        let seed = mount.source == nil ? nil : try await origin(of: mount)
        let written = mount.mount
        let space = session.request.arguments["BUILDKIT_CACHE_MOUNT_NS"] ?? ""
        return try await session.cacheMounts.take(
            CacheMounts.Wish(
                id: space.isEmpty ? mount.id : "\(space)/\(mount.id)",
                sharing: written.sharing,
                mode: written.mode ?? 0o755,
                owner: FileOwner(user: written.user ?? 0, group: written.group ?? 0)
            )
        ) { folder in
            guard let seed else { return }
            seed.reads?.note([mount.path])
            let found = try CopyScan(mounting: seed).select(mount.path.escapingWildcards)
            try seed.copy(found, to: "/", in: folder)
        }
    }
}

extension CopyScan {
    /// What a mount shows is found as COPY finds it.
    fileprivate init(mounting origin: BuildSession.CopyOrigin) {
        self.init(view: origin.view, ignored: origin.ignored)
    }
}

extension String {
    /// The same path for one who takes it for a pattern.
    fileprivate var escapingWildcards: String {
        reduce(into: "") { text, character in
            if "*?[\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}

extension BuildSession.CopyOrigin {
    /// Where a path lies on this machine when one layer has it and everything beneath it.
    fileprivate func single(_ path: String) throws -> FilePath? {
        guard !isContext else { return nil }
        let found = try view.resolve(FilePath(path))
        guard found.missing.isEmpty, let entry = found.entry else { return nil }
        let layer: Int
        if entry.kind == .folder {
            let folder = try found.folder.open(entry.name)
            guard folder.parts.count == 1 else { return nil }
            layer = folder.parts[0].layer
        } else {
            layer = found.folder.parts[entry.part].layer
        }
        return layers[layer].pushing(FilePath(root: nil, found.names + [entry.name]))
    }

    fileprivate func copy(
        _ selections: [CopySelection],
        to destination: FilePath,
        in folder: FilePath
    ) throws {
        var execution = try CopyExecution(
            to: destination,
            isFolderByName: false,
            style: CopyStyle(owner: nil, comesFromContext: isContext, mode: nil),
            upper: folder,
            layers: []
        )
        for selection in selections { try execution.copy(selection, from: view) }
        try execution.finish()
    }
}
