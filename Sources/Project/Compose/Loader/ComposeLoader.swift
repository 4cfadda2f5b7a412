/// Turns compose files and an environment into a `Project`.
///
/// Pure but for reading files, which goes through a `FileReader`.
package struct ComposeLoader: Sendable {
    private let files: any FileReader

    package init(files: any FileReader) { self.files = files }

    /// Loads everything the options name.
    /// - Throws: every problem of every file, in reading order.
    package func load(_ options: LoadOptions) throws(ComposeError) -> LoadedProject {
        throw ComposeError(problems: [])
    }
}
