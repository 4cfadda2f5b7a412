/// Why nothing was copied, in docker's words.
package struct CopyError: Error, Hashable, CustomStringConvertible {
    package let description: String
    /// Whether docker's engine refuses it, not its command line.
    package let isOfEngine: Bool

    /// Takes the words.
    package init(_ description: String, isOfEngine: Bool = false) {
        self.description = description
        self.isOfEngine = isOfEngine
    }

    /// What a container does not have.
    static func missing(_ path: String, in container: String) -> CopyError {
        CopyError("Could not find the file \(path) in container \(container)", isOfEngine: true)
    }
}
