/// compose-spec `depends_on`, long form.
package struct Dependency: Hashable, Codable, Sendable {
    /// What the other service must have reached (`depends_on.*.condition`).
    package enum Condition: String, Hashable, Codable, Sendable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completedSuccessfully = "service_completed_successfully"
    }

    /// compose-spec `condition`.
    package var condition: Condition = .started
    /// Restart the dependent when the dependency is restarted by a command.
    package var restart = false
    /// compose-spec `required`.
    package var required = true
    /// Says nothing yet.
    package init() {}
}
