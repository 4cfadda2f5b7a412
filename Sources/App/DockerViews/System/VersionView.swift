package import GoTemplate

/// What docker's `version` shows: berth is client and engine in one.
package struct VersionView: Sendable {
    private let version: String
    private let architecture: String
    private let kernel: String
    /// Of docker 28.5, whose commands these are: what programs ask for before they use one.
    private static let apiVersion = "1.51"
    private static let leastAPIVersion = "1.24"

    /// `architecture` as images call it, `kernel` as uname(2) does.
    package init(version: String, architecture: String, kernel: String) {
        self.version = version
        self.architecture = architecture
        self.kernel = kernel
    }

    /// The lines that are shown without a form.
    package var lines: [String] {
        [
            "Client: berth", " Version:           \(version)",
            " API version:       \(Self.apiVersion)",
            " OS/Arch:           linux/\(architecture)", " Context:           default", "",
            "Server: berth", " Engine:", "  Version:          \(version)",
            "  API version:      \(Self.apiVersion) (minimum version \(Self.leastAPIVersion))",
            "  OS/Arch:          linux/\(architecture)", "  Experimental:     false",
        ]
    }

    /// The members of docker's JSON, in its order. It is no program of Go: what is said of that is
    /// empty.
    package var value: GoValue {
        let platform: [(key: String, value: GoValue)] = [
            ("Os", .string("linux")), ("Arch", .string(architecture)),
        ]
        let api = GoValue.string(Self.apiVersion)
        let made: [(key: String, value: GoValue)] = [
            ("GitCommit", .string("")), ("GoVersion", .string("")),
        ]
        let time: [(key: String, value: GoValue)] = [("BuildTime", .string(""))]
        var client: [(key: String, value: GoValue)] = [
            ("Version", .string(version)), ("ApiVersion", api), ("DefaultAPIVersion", api),
        ]
        client += made + platform
        client += time
        client.append(("Context", .string("default")))
        let details = [
            "Arch": architecture, "Experimental": "false", "KernelVersion": kernel, "Os": "linux",
        ]
        let engine = object(
            [
                ("Name", .string("Engine")), ("Version", .string(version)),
                ("Details", .strings(details)),
            ],
            of: "types.ComponentVersion"
        )
        var server: [(key: String, value: GoValue)] = [
            ("Platform", .object([("Name", .string("berth"))])), ("Components", .list([engine])),
            ("Version", .string(version)), ("ApiVersion", api),
            ("MinAPIVersion", .string(Self.leastAPIVersion)),
        ]
        server += made + platform
        server.append(("KernelVersion", .string(kernel)))
        server += time
        return object(
            [
                ("Client", object(client, of: "system.clientVersion")),
                ("Server", object(server, of: "types.Version")),
            ],
            of: "system.versionInfo"
        )
    }

    private func object(
        _ members: [(key: String, value: GoValue)],
        of type: String
    ) -> GoValue {
        .map(
            GoMap(
                members,
                missing: .unknownField(of: type),
                // JSON has another spelling than Go.
                unwritten: members.filter { $0.key == "ApiVersion" }
                    .map { (key: "APIVersion", value: $0.value) }
            )
        )
    }
}
