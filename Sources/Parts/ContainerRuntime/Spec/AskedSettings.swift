/// What was asked for where what runs does not show it: for those who look, and for images that are made
/// of the container. Nothing of it changes what the container is, so the spec's hash is taken without it.
///
/// What is added later has to be optional: records of before are read, too.
package struct AskedSettings: Hashable, Codable, Sendable {
    /// How many of the process's arguments, from the first, are its entrypoint; the others are its
    /// command.
    package var entrypointCount = 0
    /// The names of the variables that are not the image's, or have another value.
    package var environment: [String] = []
    /// Empty where neither the image nor anybody says one.
    package var workingDirectory = ""
    /// As it was written; empty where neither the image nor anybody says one.
    package var stopSignal = ""
    /// Seconds; nil where nobody says so.
    package var stopTimeout: Int64?
    /// compose-spec `userns_mode`.
    package var users: String?
    /// The network that it was made for first; nil for one that has another's or the host's.
    package var network: String?
    /// docker-run(1) `--no-healthcheck`.
    package var disablesHealthcheck = false
    /// docker-run(1) `--publish-all`.
    package var publishesAllPorts = false
    /// docker-run(1) `--mac-address`.
    package var macAddress: String?
    /// docker-run(1) `--volume`, each with an absolute source; nil where they were not written so.
    package var binds: [String]?
    /// Where it has mounts of docker-run(1) `--mount`.
    package var mountTargets: [String] = []
    /// Whether `seccomp=unconfined` was written, also of a privileged one, which is so anyway.
    package var isUnconfined = false

    /// Nothing was asked for.
    package init() {}
}

extension ContainerSpec {
    /// Its variables in docker's order: those that were asked for, then the image's.
    package var shownEnvironment: [String] {
        guard let names = asked.map({ Set($0.environment) }) else { return process.environment }
        let isAsked = { (variable: String) in
            names.contains(String(variable.prefix { $0 != "=" }))
        }
        return process.environment.filter(isAsked) + process.environment.filter { !isAsked($0) }
    }

    /// Its entrypoint and its command; nil in a spec from before they were kept apart.
    package var entrypointAndCommand: (entrypoint: [String], command: [String])? {
        guard let count = asked?.entrypointCount else { return nil }
        return (Array(process.arguments.prefix(count)), Array(process.arguments.dropFirst(count)))
    }
}
