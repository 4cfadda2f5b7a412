/// A project that has, or had, something here.
package struct ProjectRecord: Hashable, Sendable {
    package let name: String
    /// Absolute path that relative paths were resolved against.
    package var directory: String
    /// Absolute paths of the compose files, in order.
    package var files: [String]
    /// What was last asked for, in the words of its writer (JSON); the engine only keeps it.
    package var desired: String?
    /// When it last said something else.
    package var updatedAt: Timestamp

    package init(name: String, directory: String, files: [String], desired: String? = nil) {
        self.name = name
        self.directory = directory
        self.files = files
        self.desired = desired
        updatedAt = .now()
    }

    /// Whether the other says the same, whenever it was written.
    func says(_ other: ProjectRecord) -> Bool {
        var other = other
        other.updatedAt = updatedAt
        return self == other
    }
}
