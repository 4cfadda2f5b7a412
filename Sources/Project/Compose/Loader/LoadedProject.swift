import OrderedCollections

/// The result of a load: the project, and what was noticed on the way.
package struct LoadedProject: Sendable {
    /// What to run. Complete only when it was loaded with purpose `run`.
    package var project: Project
    /// Worth telling, not an error; in reading order, each once.
    package var warnings: [Problem]
    /// What is wrong; nothing but with `LoadOptions.Strictness.setsProblemsAside`.
    package var setAside: SetAside
    /// The project environment: the caller's, and beneath it the `.env` files.
    package var environment: [String: String]
    /// Every profile that some service names, sorted.
    package var profiles: [String]
    /// The canonical tree.
    var root: Node
    /// Services that do not take part, by their places in the files.
    let leftOut: Node.Mapping
    /// The texts the tree was written in.
    let sources: Sources
    /// Where values come from, when that was asked for.
    let provenance: Provenance?
    /// The environment that the command was called with.
    let shell: [String: String]
    /// Off with `--no-interpolate`: the dollar signs are still the file's, and nothing is known
    /// of what the values will be.
    let isInterpolated: Bool

    private var shape: Shape { isInterpolated ? .fields(.project) : .anything }

    /// The canonical form as `docker compose config` prints it.
    package func yaml() -> String {
        YAMLWriter.document(root, of: shape, escapesDollars: isInterpolated)
    }

    /// The canonical form as `docker compose config --format json` prints it.
    package func json() -> String {
        JSONWriter.document(root, of: shape, escapesDollars: isInterpolated)
    }
}
