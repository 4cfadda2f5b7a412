/// When a container that ended is started again. compose-spec `restart`.
package enum RestartPolicy: Hashable, Codable, Sendable {
    case no
    case always
    /// nil is without end.
    case onFailure(maximumRetries: Int?)
    case unlessStopped
}

/// How the health of a container is asked for. compose-spec `healthcheck`.
package struct Healthcheck: Hashable, Codable, Sendable {
    /// Program and arguments; `CMD-SHELL` is already `/bin/sh -c`.
    package var command: [String]
    /// Asked instead of it; nil where a command is.
    package var outside: OutsideCheck?
    package var interval: Duration = .seconds(30)
    package var timeout: Duration = .seconds(30)
    package var startPeriod: Duration = .zero
    package var startInterval: Duration = .seconds(5)
    /// Failures in a row that make it unhealthy.
    package var retries = 3

    /// A check that is executed in the container.
    package init(command: [String]) { self.command = command }

    /// A check that nothing is executed for.
    package init(outside: OutsideCheck) {
        command = []
        self.outside = outside
    }
}
