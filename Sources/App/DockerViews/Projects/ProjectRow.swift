package import Engine
package import GoTemplate

/// One project of `ls`, as docker compose lists it.
package struct ProjectRow: Equatable, Sendable {
    /// As it is called.
    package var name: String
    /// `exited(1), running(2)`.
    var status: String
    var configFiles: String

    /// nil for a project of which nothing is to be shown: without `all` only what runs counts.
    package init?(_ name: String, _ containers: [ContainerRecord], all: Bool) {
        let shown = containers.filter { all || $0.status == .running || $0.status == .restarting }
        guard !shown.isEmpty else { return nil }
        let counts = Dictionary(grouping: shown, by: \.dockerState).mapValues(\.count)
        self.name = name
        status = counts.sorted { $0.key < $1.key }.map { "\($0.key)(\($0.value))" }
            .joined(separator: ", ")
        var files: [String] = []
        for container in shown {
            let list = container.labels["com.docker.compose.project.config_files"] ?? ""
            for file in list.split(separator: ",").map(String.init) where !files.contains(file) {
                files.append(file)
            }
        }
        configFiles = files.isEmpty ? "N/A" : files.joined(separator: ",")
    }

    /// Its fields.
    package var row: GoMap {
        GoMap([
            ("Name", .string(name)), ("Status", .string(status)),
            ("ConfigFiles", .string(configFiles)),
        ])
    }
}
