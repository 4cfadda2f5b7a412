import ContainerRuntime
import Linux
import OCI
import SystemPackage

extension StageBuild {
    /// A COPY with everything expanded.
    private struct ResolvedCopy: Sendable {
        var sources: [String]
        var files: [(name: String, content: [UInt8])]
        var destination: String
        var isFolderByName: Bool
        var owner: String?
        var mode: FileMode?
        var history: String
    }

    private func resolve(_ copy: CopyInstruction) throws -> ResolvedCopy {
        let scope = state.scope
        let written = try scope.word(copy.destination)
        var copy = copy
        if let owner = copy.owner { copy.owner = try scope.word(owner) }
        if let mode = copy.mode { copy.mode = try scope.word(mode) }
        let mode = try copy.mode.map { text in
            guard let mode = FileMode(text) else {
                throw InstructionError("invalid --chmod \(text); write 0755 or u=rwX,go=rX")
            }
            return mode
        }
        var sources: [String] = []
        for source in copy.sources { sources.append(try scope.word(source)) }
        var files: [(name: String, content: [UInt8])] = []
        for file in copy.inlineFiles {
            let text = file.expands ? try scope.body(file.text) : file.text
            files.append((file.name, Array(text.utf8)))
        }
        let last = written.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return ResolvedCopy(
            sources: sources,
            files: files,
            destination: PathText.absolute(written, in: state.workingDirectory),
            isFolderByName: last.isEmpty || last == "." || last == "..",
            owner: copy.owner,
            mode: mode,
            history: HistoryText.copy(copy, sources: sources, destination: written)
        )
    }

    /// Carries out a COPY. True when the cache had its layer.
    mutating func copy(
        _ instruction: CopyInstruction,
        from source: BuildPlan.Source
    ) async throws -> Bool {
        let resolved = try resolve(instruction)
        let outcome = try await layer(of: resolved, from: source)
        state.record(resolved.history, layer: outcome.record)
        return outcome.isCached
    }

    /// The layer of a COPY, from the cache or made now.
    private func layer(
        of copy: ResolvedCopy,
        from source: BuildPlan.Source
    ) async throws -> (record: BuildCache.Record, isCached: Bool) {
        let origin = try await origin(of: copy, source)
        // What a stage or an image holds is known by the name of its layers already.
        let quick = origin?.chain.map { key(copy, content: "chain " + $0) }
        if let quick, let record = cached(quick) { return (record, true) }
        let (selections, content) = try await select(copy, from: origin)
        guard selections.count + copy.files.count <= 1 || copy.isFolderByName else {
            throw InstructionError(
                "When using COPY with more than one source file, "
                    + "the destination must be a directory and end with a /"
            )
        }
        let full = key(copy, content: content)
        if let record = cached(full) {
            if let quick { try session.cache.store(record, for: quick) }
            return (record, true)
        }
        let (folder, upper) = try session.workspace.makeStep(ContainerID.random().text)
        let isStable = try await fill(upper, copy, selections, from: origin)
        // What changed while it was copied may be neither what was digested nor whole.
        let keys = isStable ? [full] + (quick.map { [$0] } ?? []) : []
        let record = try await adopt(upper, keys: keys)
        try await blocking { () throws(SyscallError) in try removeTree(folder) }
        return (record, false)
    }

    /// Opens what the sources are taken from; nil when all content stands in the Dockerfile.
    private func origin(
        of copy: ResolvedCopy,
        _ source: BuildPlan.Source
    ) async throws -> BuildSession.CopyOrigin? {
        if copy.sources.isEmpty { return nil }
        let session = session
        let stages = stages
        return try await blocking { () throws(any Error) in
            try session.origin(source, stages: stages)
        }
    }

    /// Finds what the sources stand for, and digests it.
    private func select(
        _ copy: ResolvedCopy,
        from origin: BuildSession.CopyOrigin?
    ) async throws -> (selections: [CopySelection], content: String) {
        guard let origin else { return ([], "nothing") }
        let session = session
        return try await blocking { () throws(any Error) in
            let scan = CopyScan(view: origin.view, ignored: origin.ignored)
            let selections = try copy.sources.flatMap { try scan.select($0) }
            return (selections, "\(try session.digest(selections, from: origin))")
        }
    }

    /// Copies into an empty upper folder. True when every file was still what it had been.
    private func fill(
        _ upper: FilePath,
        _ copy: ResolvedCopy,
        _ selections: [CopySelection],
        from origin: BuildSession.CopyOrigin?
    ) async throws -> Bool {
        let session = session
        let stack = state.stack
        return try await blocking { () throws(any Error) in
            let layers = try session.lowerFolders(stack)
            let view = try LayeredTree(layers: layers, name: "the stage")
            let owner = try copy.owner.map { try UserLookup(view: view).owner($0) }
            let style = CopyStyle(
                owner: owner,
                comesFromContext: origin?.isContext ?? true,
                mode: copy.mode
            )
            var execution = try CopyExecution(
                to: FilePath(copy.destination),
                isFolderByName: copy.isFolderByName,
                style: style,
                upper: upper,
                layers: layers
            )
            if let origin {
                for selection in selections { try execution.copy(selection, from: origin.view) }
            }
            for file in copy.files { try execution.write(file.content, named: file.name) }
            try execution.finish()
            return execution.isStable
        }
    }

    private func key(_ copy: ResolvedCopy, content: String) -> Digest {
        var key = KeyDigest("copy 2")
        key.add(state.chain)
        key.add(content)
        key.add(copy.sources)
        key.add(copy.destination)
        key.add(copy.isFolderByName ? 1 : 0)
        key.add(copy.owner ?? "")
        key.add(copy.mode.map { "\($0.canonicalText)" } ?? "")
        key.add(UInt64(copy.files.count))
        for file in copy.files {
            key.add(file.name)
            key.add(file.content)
        }
        return key.finish()
    }
}
