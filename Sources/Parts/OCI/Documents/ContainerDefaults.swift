/// What an image wants its containers to be, unless told otherwise. OCI image-spec, config.md, and
/// Docker's additions.
package struct ContainerDefaults: Hashable, Sendable {
    /// `user[:group]`, names or numbers; empty is root.
    package var user: String = ""
    /// `80/tcp`.
    package var exposedPorts: Set<String> = []
    /// `NAME=value`, in order.
    package var environment: [String] = []
    /// Nil and empty differ: Docker shows the one as null.
    package var entrypoint: [String]?
    package var command: [String]?
    /// Paths that get a volume of their own.
    package var volumes: Set<String> = []
    package var workingDirectory: String = ""
    package var labels: [String: String] = [:]
    package var stopSignal: String?
    package var healthcheck: Healthcheck?
    package var shell: [String]?
    /// Instructions for builds on top of the image.
    package var onBuild: [String] = []
    package var argumentsAreEscaped = false

    package init() {}

    /// Docker's `HEALTHCHECK`. Nil and zero mean: the default, or what the image below says.
    package struct Healthcheck: Hashable, Sendable, Codable {
        /// `["CMD", …]`, `["CMD-SHELL", "…"]`, `["NONE"]`; empty inherits.
        package var test: [String]?
        package var intervalNanoseconds: Int64?
        package var timeoutNanoseconds: Int64?
        package var startPeriodNanoseconds: Int64?
        package var startIntervalNanoseconds: Int64?
        package var retries: Int?

        package init(test: [String]? = nil) { self.test = test }

        private enum CodingKeys: String, CodingKey {
            case test = "Test"
            case intervalNanoseconds = "Interval"
            case timeoutNanoseconds = "Timeout"
            case startPeriodNanoseconds = "StartPeriod"
            case startIntervalNanoseconds = "StartInterval"
            case retries = "Retries"
        }
    }
}

extension ContainerDefaults: Codable {
    private enum CodingKeys: String, CodingKey {
        case user = "User"
        case exposedPorts = "ExposedPorts"
        case environment = "Env"
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case volumes = "Volumes"
        case workingDirectory = "WorkingDir"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case healthcheck = "Healthcheck"
        case shell = "Shell"
        case onBuild = "OnBuild"
        case argumentsAreEscaped = "ArgsEscaped"
    }

    /// Go's `struct{}`: `{}` in JSON, of which only the key matters.
    private struct Nothing: Codable {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<T: Decodable>(_ key: CodingKeys, _ type: T.Type = T.self) throws -> T? {
            try container.decodeIfPresent(type, forKey: key)
        }
        user = try value(.user) ?? ""
        exposedPorts = Set((try value(.exposedPorts, [String: Nothing].self) ?? [:]).keys)
        environment = try value(.environment) ?? []
        entrypoint = try value(.entrypoint)
        command = try value(.command)
        volumes = Set((try value(.volumes, [String: Nothing].self) ?? [:]).keys)
        workingDirectory = try value(.workingDirectory) ?? ""
        labels = try value(.labels) ?? [:]
        stopSignal = try value(.stopSignal)
        healthcheck = try value(.healthcheck)
        shell = try value(.shell)
        onBuild = try value(.onBuild) ?? []
        argumentsAreEscaped = try value(.argumentsAreEscaped) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func keys(_ names: Set<String>) -> [String: Nothing] {
            Dictionary(uniqueKeysWithValues: names.map { ($0, Nothing()) })
        }
        if !user.isEmpty { try container.encode(user, forKey: .user) }
        if !exposedPorts.isEmpty { try container.encode(keys(exposedPorts), forKey: .exposedPorts) }
        if !environment.isEmpty { try container.encode(environment, forKey: .environment) }
        try container.encodeIfPresent(entrypoint, forKey: .entrypoint)
        try container.encodeIfPresent(command, forKey: .command)
        if !volumes.isEmpty { try container.encode(keys(volumes), forKey: .volumes) }
        if !workingDirectory.isEmpty {
            try container.encode(workingDirectory, forKey: .workingDirectory)
        }
        if !labels.isEmpty { try container.encode(labels, forKey: .labels) }
        try container.encodeIfPresent(stopSignal, forKey: .stopSignal)
        try container.encodeIfPresent(healthcheck, forKey: .healthcheck)
        try container.encodeIfPresent(shell, forKey: .shell)
        if !onBuild.isEmpty { try container.encode(onBuild, forKey: .onBuild) }
        if argumentsAreEscaped { try container.encode(true, forKey: .argumentsAreEscaped) }
    }
}
