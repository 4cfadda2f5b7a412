package import SystemPackage

/// A container that runs, held by pidfds of its init and of its keeper.
package final class RunningContainer: Sendable {
    package let id: ContainerID
    package let name: String
    package let directory: FilePath
    package let initPID: Int32
    package let keeperPID: Int32
    /// Nanoseconds since 1970.
    package let startedAtNanoseconds: Int64
    /// What could not be done as asked, in words: a limit the caller may not set, …
    package let warnings: [String]

    init(
        id: ContainerID,
        name: String,
        directory: FilePath,
        initPID: Int32,
        keeperPID: Int32,
        startedAtNanoseconds: Int64,
        warnings: [String]
    ) {
        self.id = id
        self.name = name
        self.directory = directory
        self.initPID = initPID
        self.keeperPID = keeperPID
        self.startedAtNanoseconds = startedAtNanoseconds
        self.warnings = warnings
    }

    /// Returns after the end, when the log is complete and the exit record written. A container
    /// whose keeper was killed is killed too and gives `.lost`.
    package func wait() async throws -> ExitRecord {
        throw RuntimeError(container: name, message: "not built yet")
    }
}
