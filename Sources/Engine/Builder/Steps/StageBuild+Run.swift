import ContainerRuntime
import Linux
import OCI
import SystemPackage

extension StageBuild {
    /// Carries out a RUN. True when the cache had its layer.
    mutating func run(_ command: StepCommand, _ step: BuildStep) async throws -> Bool {
        let words = state.words(of: command)
        let arguments = state.scope.visibleArguments
        let config = state.configuration.config
        var environment = config.environment
        for (name, value) in arguments { Environment.set(name, value, in: &environment) }
        let text = HistoryText.run(words, arguments: state.scope.declaredArguments)

        var key = KeyDigest("run 1")
        key.add(state.chain)
        key.add("\(state.configuration.platform)")
        key.add(command.isScript ? ["script"] : [])
        key.add(words)
        key.add(environment)
        key.add(config.user)
        key.add(state.workingDirectory)
        let digest = key.finish()
        if let record = cached(digest) {
            state.record(text, layer: record)
            return true
        }
        // Proxies are how the build reaches the world; what it makes does not depend on them.
        for (name, value) in state.scope.undeclaredProxies {
            Environment.set(name, value, in: &environment)
        }
        var process = ProcessSpec(arguments: words)
        process.environment = environment
        process.user = config.user
        process.workingDirectory = state.workingDirectory
        let run = RunStep(
            session: session,
            step: step,
            process: process,
            command: command,
            stack: state.stack
        )
        let (folder, upper) = try await run.run()
        let record = try await adopt(upper, keys: [digest])
        try await blocking { () throws(SyscallError) in try removeTree(folder) }
        state.record(text, layer: record)
        return false
    }
}

extension StepCommand {
    /// The text brings its own interpreter.
    var isScript: Bool {
        if case .script(let text) = self { text.hasPrefix("#!") } else { false }
    }
}
