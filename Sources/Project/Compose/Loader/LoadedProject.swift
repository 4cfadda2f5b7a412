/// The result of a load: the project, and what was noticed on the way.
package struct LoadedProject: Sendable {
    /// What to run. Complete only when it was loaded with purpose `run`.
    package var project: Project
    /// Worth telling, not an error; in reading order, each once.
    package var warnings: [Problem]
    /// The project environment: the caller's, and beneath it the `.env` files.
    package var environment: [String: String]

    /// The canonical form as `docker compose config` prints it.
    package func yaml() -> String { "" }

    /// The canonical form as `docker compose config --format json` prints it.
    package func json() -> String { "" }
}
