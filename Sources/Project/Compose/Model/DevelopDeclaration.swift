/// compose-spec `develop`.
package struct DevelopDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `watch`.
    package var watch: [WatchRule] = []
    /// Says nothing yet.
    package init() {}

    /// What is done when files change.
    package struct WatchRule: Hashable, Codable, Sendable {
        /// What follows a change.
        package enum Action: String, Hashable, Codable, Sendable {
            case rebuild, sync, restart
            case syncAndRestart = "sync+restart"
            case syncAndExec = "sync+exec"
        }

        /// Absolute.
        package var path: String
        /// compose-spec `action`.
        package var action: Action
        /// Path in the container that files are copied to.
        package var target: String?
        /// compose-spec `exec`.
        package var exec: Hook?
        /// compose-spec `include`.
        package var include: [String] = []
        /// compose-spec `ignore`.
        package var ignore: [String] = []
        /// compose-spec `initial_sync`.
        package var initialSync = false

        /// Says no more than what must be said.
        package init(path: String, action: Action) {
            self.path = path
            self.action = action
        }
    }
}
