/// What one line of a Dockerfile asks for; values are not expanded yet.
package enum Instruction: Equatable, Sendable {
    case arg([ArgumentDeclaration])
    case env([InstructionNode.Pair])
    case label([InstructionNode.Pair])
    /// COPY and ADD.
    case copy(CopyInstruction)
    case run(StepCommand, RunOptions = RunOptions())
    /// The text of the trigger, and of its here-documents.
    case onBuild(String)
    case workdir(String)
    case user(String)
    case expose([String])
    case cmd(StepCommand)
    case entrypoint(StepCommand)
    case volume([String])
    case healthcheck(HealthcheckInstruction)
    case stopSignal(String)
    case shell([String])
    case maintainer(String)
}

/// `ARG name` or `ARG name=default`.
package struct ArgumentDeclaration: Hashable, Sendable {
    package var name: String
    package var value: String?
}

/// A command in one of its forms.
package enum StepCommand: Hashable, Sendable {
    /// Text for the stage's shell.
    case shell(String)
    case exec([String])
    /// The body of a here-document that stands alone, for the shell or for its `#!` line, and the
    /// word that ends it.
    case script(String, name: String)

    /// No words at all: resets what the base image says.
    package var isEmpty: Bool { self == .exec([]) || self == .shell("") }
}

/// `COPY [--from] [--chown] [--chmod] … source… destination`, and ADD.
package struct CopyInstruction: Hashable, Sendable {
    /// A stage's name or number, a named context or an image; nil is the build context.
    package var from: String?
    /// `--chown`, not expanded.
    package var owner: String?
    /// `--chmod`, not expanded.
    package var mode: String?
    /// Paths with wildcards, in order.
    package var sources: [String]
    /// Files whose content stands in the Dockerfile.
    package var inlineFiles: [Heredoc] = []
    /// A folder where it ends with a slash.
    package var destination: String
    /// `--link`: the layer depends on nothing but what is copied and where it goes.
    package var isLinked = false
    /// `--parents`: the path of a source stays, from the context or from `/./` on.
    package var keepsParents = false
    /// `--exclude`, patterns beneath each source.
    package var exclusions: [String] = []
    /// What ADD does more; nil for COPY.
    package var add: Addition?

    /// What ADD does besides copying.
    package struct Addition: Hashable, Sendable {
        /// `--checksum`.
        package var checksum: String?
        /// `--unpack`; nil unpacks local archives and leaves downloaded ones as they are.
        package var unpacks: Bool?
        /// `--keep-git-dir`; nil where the source says it itself.
        package var keepsGitFolder: Bool?
    }

    var keyword: String { add == nil ? "COPY" : "ADD" }
}

/// `HEALTHCHECK`; nil durations and retries keep the defaults.
package struct HealthcheckInstruction: Hashable, Sendable {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`.
    package var test: [String]
    package var interval: Duration?
    package var timeout: Duration?
    package var startPeriod: Duration?
    package var startInterval: Duration?
    package var retries: Int?
}
