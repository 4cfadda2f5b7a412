package import Linux

/// Where a container's standard output and error go.
package enum ContainerOutput: Sendable {
    /// Into `log/container.log` as the spec's `LogSpec` say, written by the keeper.
    case log
    /// Into these descriptors as they are (a build step's pipes); no log is written.
    case descriptors(stdout: SharedFD, stderr: SharedFD)
}
