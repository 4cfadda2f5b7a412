package import Linux

/// Who has the other ends of a container's streams.
package enum ContainerOutput: Sendable {
    /// Into `log/container.log` as the spec's `LogSpec` say, written by the keeper.
    case log
    /// The caller (a build step's pipes); no log is written, and nobody can attach.
    case descriptors(stdout: SharedFD, stderr: SharedFD)
}
