package import OCI

/// What `--change` of `import` and `commit` does to an image's configuration: instructions of a
/// Dockerfile that need no container.
package struct ImageChanges: Sendable {
    private let nodes: [InstructionNode]

    private static let allowed: Set<String> = [
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL",
        "USER", "VOLUME", "WORKDIR",
    ]

    /// Reads the instructions, each as it would stand in a Dockerfile, and tries them.
    /// - Throws: `DockerfileError`.
    package init(_ texts: [String]) throws {
        let text = texts.joined(separator: "\n")
        guard text.contains(where: { !$0.isWhitespace }) else {
            nodes = []
            return
        }
        nodes = try Dockerfile.nodes(of: text, name: "--change")
        for node in nodes where !Self.allowed.contains(node.keyword.uppercased()) {
            throw Self.refusal(node, "\(node.keyword.lowercased()) is not a valid change command")
        }
        var trial = ImageConfiguration()
        try apply(to: &trial)
    }

    /// Carries them out in order; the history stays as it is.
    package func apply(to configuration: inout ImageConfiguration) throws {
        let history = configuration.history
        var state = StageState(
            image: BaseImage(configuration: configuration, layers: []),
            scope: StageScope(escape: "\\", given: [:], predefined: [:])
        )
        for node in nodes {
            do {
                try Self.apply(node, to: &state)
            } catch let error as InstructionError {
                throw Self.refusal(node, error.message)
            }
        }
        let hadPath = Environment.value(of: "PATH", in: configuration.config.environment) != nil
        configuration = state.configuration
        configuration.history = history
        // A stage of a build begins with a PATH; a change does not.
        if !hadPath {
            configuration.config.environment.removeAll { $0 == StageState.defaultPath }
        }
    }

    private static func apply(_ node: InstructionNode, to state: inout StageState) throws {
        let instruction = try Instruction(node)
        if case .workdir(let text) = instruction {
            state.configuration.config.workingDirectory = PathText.absolute(
                try state.scope.word(text),
                in: state.workingDirectory
            )
            return
        }
        guard try state.configure(instruction) else {
            throw InstructionError("\(node.keyword) is not a valid change command")
        }
    }

    private static func refusal(_ node: InstructionNode, _ message: String) -> DockerfileError {
        DockerfileError(
            file: "--change",
            problems: [.init(line: node.lines.lowerBound, message: message)]
        )
    }
}
