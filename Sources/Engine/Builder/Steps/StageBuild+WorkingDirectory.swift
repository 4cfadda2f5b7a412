import ContainerRuntime
import Linux
import OCI
import SystemPackage

extension StageBuild {
    /// The working directory that a WORKDIR names, which is that of the steps behind it.
    @discardableResult
    mutating func enter(_ text: String) throws -> String {
        let path = PathText.absolute(try state.scope.word(text), in: state.workingDirectory)
        state.configuration.config.workingDirectory = path
        return path
    }

    /// Carries out a WORKDIR. True when the cache had its layer.
    mutating func workingDirectory(_ text: String) async throws -> Bool {
        let path = try enter(text)
        guard path != "/" else {
            state.record("WORKDIR /")
            return true
        }
        facts.note("its path", path)
        facts.note("the user", state.configuration.config.user)
        var key = KeyDigest("workdir 3")
        key.add(state.chain)
        key.add(path)
        key.add(state.configuration.config.user)
        let digest = key.finish()
        if let record = try await cached(digest) {
            state.record("WORKDIR \(path)", layer: record)
            return true
        }
        let session = session
        let (folder, upper) = try session.workspace.makeStep(ContainerID.random().text)
        let user = state.configuration.config.user
        let stack = state.stack
        try await blocking { () throws(any Error) in
            let layers = try session.lowerFolders(stack)
            let view = try LayeredTree(layers: layers, name: "the stage")
            // A folder that is there stays as it is, and the layer is empty.
            guard try view.resolve(FilePath(path)).entry?.kind != .folder else { return }
            let owner = user.isEmpty ? .root : try UserLookup(view: view).owner(user)
            let style = CopyStyle(owner: owner, comesFromContext: true, mode: nil)
            var execution = try CopyExecution(
                to: FilePath(path),
                isFolderByName: true,
                style: style,
                upper: upper,
                layers: layers
            )
            try execution.makeDestination()
            try execution.finish()
        }
        let record = try await adopt(upper, keys: [digest])
        try await blocking { () throws(SyscallError) in try removeTree(folder) }
        state.record("WORKDIR \(path)", layer: record)
        return false
    }
}
