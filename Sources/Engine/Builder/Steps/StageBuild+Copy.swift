import ContainerRuntime
import Linux
import OCI
import SystemPackage

extension StageBuild {
    /// A COPY or an ADD with everything expanded.
    func resolve(_ copy: CopyInstruction) throws -> ResolvedCopy {
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
        copy.exclusions = try copy.exclusions.map { try scope.word($0) }
        if let checksum = copy.add?.checksum { copy.add?.checksum = try scope.word(checksum) }
        var sources: [String] = []
        for source in copy.sources { sources.append(try scope.word(source)) }
        var files: [(name: String, content: [UInt8])] = []
        for file in copy.inlineFiles {
            let text = file.expands ? try scope.body(file.text) : file.text
            files.append((file.name, Array(text.utf8)))
        }
        let last = written.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return try ResolvedCopy(
            sources: sources,
            files: files,
            destination: PathText.absolute(written, in: state.workingDirectory),
            isFolderByName: last.isEmpty || last == "." || last == "..",
            mode: mode,
            instruction: copy,
            history: HistoryText.copy(copy, sources: sources, destination: written)
        )
    }

    /// Carries out a COPY or an ADD. True when the cache had its layer.
    mutating func copy(
        _ instruction: CopyInstruction,
        from source: BuildPlan.Source
    ) async throws -> Bool {
        let resolved = try resolve(instruction)
        facts.note("its sources", resolved.sources)
        facts.note("its destination", resolved.destination)
        facts.note("its owner", resolved.instruction.owner ?? "")
        facts.note("its mode", resolved.mode.map { "\($0.canonicalText)" } ?? "")
        for file in resolved.files { facts.note("the text \(file.name)", "\(file.content)") }
        let outcome = try await layer(of: resolved, from: source)
        state.record(resolved.history, layer: outcome.record)
        return outcome.isCached
    }

    /// The layer of a COPY, from the cache or made now.
    private mutating func layer(
        of copy: ResolvedCopy,
        from source: BuildPlan.Source
    ) async throws -> (record: BuildCache.Record, isCached: Bool) {
        let origin = try await origin(of: copy, source)
        let ground = try await ground(of: copy)
        // What a stage or an image holds is known by the name of its layers already.
        let quick = origin?.chain.map { copy.key(on: ground, content: ["chain " + $0]) }
        if let chain = origin?.chain { facts.note(StepFacts.origin, chain) }
        if let quick, let record = try await cached(quick) { return (record, true) }
        let (selections, content, files) = try await select(copy, from: origin)
        facts.note(files: files, content: content)
        var downloads = RemoteFiles(copy.addresses, checksum: copy.instruction.add?.checksum)
        let name = ContainerID.random().text
        let known = try await downloads.look(session, session.workspace.stepFolder(name))
        try downloads.check(isFolderByName: copy.isFolderByName)
        let repositories = RemoteRepositories(copy.repositories)
        let commits = try await repositories.resolve(session, session.workspace.stepFolder(name))
        let rest = zip(copy.repositories, commits).map { $0.text(at: $1) }
        for (address, text) in zip(copy.addresses, known) { facts.note(address, text) }
        for (repository, text) in zip(copy.repositories, rest) {
            facts.note(repository.shown, text)
        }
        let full = copy.key(on: ground, content: content + known + rest)
        if let record = try await cached(full) {
            if let quick { try session.cache.store(record, for: quick) }
            return (record, true)
        }
        let (claim, other) = try await claim(full)
        defer { withExtendedLifetime(claim) {} }
        if let other { return (other, true) }
        let (folder, upper) = try session.workspace.makeStep(name)
        // Where a file has changed since it was looked at, what is known of it has, too.
        let fetched = try await downloads.fetch(session, folder)
        let key = fetched == known ? full : copy.key(on: ground, content: content + fetched + rest)
        var work = CopyWork(
            folder: folder,
            upper: upper,
            selections: selections,
            downloads: downloads
        )
        work.checkouts = try await repositories.checkOut(commits, session, folder)
        let isStable = try await fill(work, copy, from: origin)
        // What changed while it was copied may be neither what was digested nor whole.
        let keys = isStable ? [key] + (quick.map { [$0] } ?? []) : []
        let record = try await adopt(upper, keys: keys)
        try await blocking { () throws(SyscallError) in try removeTree(folder) }
        return (record, false)
    }

    /// What the layer depends on besides what is copied: all that lies below, or with `--link` only
    /// the folders that lead to the destination.
    private func ground(of copy: ResolvedCopy) async throws -> String {
        let ownerIsNumber =
            copy.instruction.owner?.utf8.allSatisfy { ASCII.isDigit($0) || $0 == 0x3A } ?? true
        guard copy.instruction.isLinked, ownerIsNumber else { return state.chain }
        let (session, stack) = (session, state.stack)
        return try await blocking { () throws(any Error) in
            let view = try LayeredTree(layers: try session.lowerFolders(stack), name: "the stage")
            return try view.digest(ofPathTo: FilePath(copy.destination)).description
        }
    }

    /// Opens what the sources are taken from; nil when all content stands in the Dockerfile.
    private func origin(
        of copy: ResolvedCopy,
        _ source: BuildPlan.Source
    ) async throws -> BuildSession.CopyOrigin? {
        if copy.paths.isEmpty { return nil }
        let (session, stages, planned) = (session, stages, planned)
        return try await blocking { () throws(any Error) in
            try session.origin(source, of: planned, stages: stages)
        }
    }

    /// Finds what the sources stand for, and digests it.
    private func select(
        _ copy: ResolvedCopy,
        from origin: BuildSession.CopyOrigin?
    ) async throws -> (selections: [CopySelection], content: [String], files: [String: String]?) {
        guard let origin else { return ([], ["nothing"], nil) }
        origin.reads?.note(copy.paths)
        let session = session
        return try await blocking { () throws(any Error) in
            let scan = CopyScan(
                view: origin.view,
                ignored: origin.ignored,
                exclusions: copy.exclusions,
                keepsParents: copy.instruction.keepsParents
            )
            let selections = try copy.paths.flatMap { try scan.select($0) }
            let listed = try session.listed(selections, from: origin)
            return (selections, ["\(listed.digest)"], listed.files)
        }
    }

    /// Copies into an empty upper folder. True when every file was still what it had been.
    private func fill(
        _ work: CopyWork,
        _ copy: ResolvedCopy,
        from origin: BuildSession.CopyOrigin?
    ) async throws -> Bool {
        let (session, stack) = (session, state.stack)
        let archives = try await work.unpackArchives(copy, from: origin, session.store)
        return try await blocking { () throws(any Error) in
            let layers = try session.lowerFolders(stack)
            let view = try LayeredTree(layers: layers, name: "the stage")
            let owner = try copy.instruction.owner.map { try UserLookup(view: view).owner($0) }
            let style = CopyStyle(
                owner: owner,
                comesFromContext: origin?.isContext ?? true,
                mode: copy.mode
            )
            var execution = try CopyExecution(
                to: FilePath(copy.destination),
                isFolderByName: copy.isFolderByName,
                style: style,
                upper: work.upper,
                layers: layers
            )
            if let origin {
                for (index, selection) in work.selections.enumerated() {
                    if let archive = archives.local[index] {
                        try execution.unpack(archive)
                    } else {
                        try execution.copy(selection, from: origin.view)
                    }
                }
            }
            for (index, selection) in try work.downloads.selections().enumerated() {
                if let archive = archives.downloaded[index] {
                    try execution.unpack(archive)
                } else {
                    try execution.copy(selection.selection, from: selection.view)
                }
            }
            for (folder, repository) in zip(work.checkouts, copy.repositories) {
                let view = try LayeredTree(folder: folder, name: repository.shown)
                let scan = CopyScan(
                    view: view,
                    ignored: IgnoreRules(),
                    exclusions: copy.exclusions
                )
                for selection in try scan.select("/") {
                    try execution.copy(selection, from: view)
                }
            }
            for file in copy.files { try execution.write(file.content, named: file.name) }
            try execution.finish()
            return execution.isStable && archives.areStable
        }
    }
}
