package import GoTemplate

/// What docker's `version` shows: berth is client and engine in one.
package struct VersionView: Sendable {
    private let version: String
    private let architecture: String
    private let kernel: String

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
            " OS/Arch:           linux/\(architecture)", " Context:           default", "",
            "Server: berth", " Engine:", "  Version:          \(version)",
            "  OS/Arch:          linux/\(architecture)", "  Experimental:     false",
        ]
    }

    /// The members of docker's JSON, in its order. berth has no API, and is no program of Go.
    package var value: GoValue {
        let platform: [(key: String, value: GoValue)] = [
            ("Os", .string("linux")), ("Arch", .string(architecture)),
        ]
        let client =
            [("Version", GoValue.string(version))] + platform + [("Context", .string("default"))]
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
        let server =
            [
                ("Platform", GoValue.object([("Name", .string("berth"))])),
                ("Components", .list([engine])), ("Version", .string(version)),
            ] + platform + [("KernelVersion", .string(kernel))]
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
        .map(GoMap(members, missing: .unknownField(of: type)))
    }
}
