package import ContainerRuntime

/// A further process for a running container: docker's `exec`. What is not said is the container's.
package struct ExecRequest: Hashable, Sendable {
    /// Program and arguments, never empty; the program is looked up in the container's PATH.
    package var arguments: [String]
    /// What differs from the container's own variables; of two about one name the later counts.
    package var environment: [EnvironmentChange] = []
    /// `user[:group]`, names or numbers; nil or empty: the container's.
    package var user: String?
    /// Absolute path inside; nil or empty: the container's.
    package var workingDirectory: String?
    /// Every capability, whatever the container has: docker's `--privileged`. The container's filter
    /// of system calls stays, as with docker.
    package var privilege: SecuritySpec.Privilege?

    /// A process that is as the container says in all but what it executes.
    package init(arguments: [String]) { self.arguments = arguments }

    /// The process, completely decided, in a container of this spec.
    package func process(in spec: ContainerSpec) -> ProcessSpec {
        var process = spec.process
        process.arguments = arguments
        process.environment = environment.applied(to: process.environment)
        if let user, !user.isEmpty { process.user = user }
        if let workingDirectory, !workingDirectory.isEmpty {
            process.workingDirectory = workingDirectory
        }
        return process
    }
}

/// One variable that is to differ.
package enum EnvironmentChange: Hashable, Sendable {
    case set(name: String, value: String)
    case remove(name: String)

    /// `NAME=value` sets it. `NAME` alone takes the value that `environment` has, and removes the
    /// variable where that has none (moby, `ReplaceOrAppendEnvVars`).
    package init(_ text: String, from environment: [String: String] = [:]) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        if parts.count == 2 {
            self = .set(name: name, value: String(parts[1]))
        } else if let value = environment[name] {
            self = .set(name: name, value: value)
        } else {
            self = .remove(name: name)
        }
    }

    /// The variable's name.
    package var name: String {
        switch self {
        case .set(let name, _), .remove(let name): name
        }
    }

    fileprivate var entry: String? {
        switch self {
        case .set(let name, let value): "\(name)=\(value)"
        case .remove: nil
        }
    }
}

extension [EnvironmentChange] {
    /// `NAME=value` entries with the changes made: those that are there keep their place, new ones
    /// follow in the order of their first mention.
    func applied(to entries: [String]) -> [String] {
        let last = Dictionary(map { ($0.name, $0) }) { $1 }
        var isDone: Set<String> = []
        let kept = entries.compactMap { entry in
            let name = String(entry.prefix { $0 != "=" })
            guard let change = last[name] else { return entry }
            isDone.insert(name)
            return change.entry
        }
        return kept + compactMap { isDone.insert($0.name).inserted ? last[$0.name]?.entry : nil }
    }
}
