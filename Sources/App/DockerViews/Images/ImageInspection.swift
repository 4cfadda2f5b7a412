package import Engine
import FoundationEssentials
package import GoTemplate
import OCI
import SystemPackage

/// An image as docker's `inspect` shows it.
package struct ImageInspection {
    private let image: KnownImage
    private let more: More

    /// What docker keeps in a configuration besides what OCI has.
    private struct More: Decodable {
        var dockerVersion: String?
        var comment: String?
        var osVersion: String?

        private enum CodingKeys: String, CodingKey {
            case comment
            case dockerVersion = "docker_version"
            case osVersion = "os.version"
        }
    }

    /// - Throws: where its configuration cannot be read.
    package init(_ image: KnownImage) throws {
        self.image = image
        more = try OCIJSON.decode(
            More.self,
            from: image.record.configuration,
            limit: OCIJSON.configurationLimit,
            subject: "configuration of image \(image.record.id)"
        )
    }

    /// Members in docker's order; those that docker leaves out when empty are known to templates.
    package var value: GoValue {
        let configuration = image.configuration
        let platform = configuration.platform
        var entries: [(key: String, value: GoValue)] = [
            ("Id", .string(image.record.id.description)),
            ("RepoTags", .strings(image.tags.map(\.familiar))),
            ("RepoDigests", .strings(image.digests.map(\.familiar))), ("Parent", .string("")),
            ("Comment", .string(comment)),
            ("Created", .string(configuration.created ?? "0001-01-01T00:00:00Z")),
            ("DockerVersion", .string(more.dockerVersion ?? "")),
            ("Author", .string(configuration.author ?? "")),
            ("Architecture", .string(platform.architecture)),
        ]
        if let variant = platform.variant, !variant.isEmpty {
            entries.append(("Variant", .string(variant)))
        }
        entries.append(("Os", .string(platform.os)))
        if let version = more.osVersion { entries.append(("OsVersion", .string(version))) }
        entries += [
            ("Size", image.sizeBytes.map { .integer($0) } ?? .null), ("GraphDriver", graphDriver),
            (
                "RootFS",
                record([
                    ("Type", .string("layers")),
                    ("Layers", .strings(image.record.layers.map(\.diffID.description))),
                ])
            ), ("Metadata", record([("LastTagTime", .string(lastTagTime))])),
            ("Config", config),
        ]
        return .map(
            GoMap(
                entries,
                missing: .error,
                unwritten: [("Variant", .string("")), ("OsVersion", .string(""))]
            )
        )
    }

    private var comment: String {
        if let comment = more.comment, !comment.isEmpty { return comment }
        return image.configuration.history.last?.comment ?? ""
    }

    private var lastTagTime: String {
        image.names.map(\.updatedAt).max()?.description ?? "0001-01-01T00:00:00Z"
    }

    /// Directories of the store, which nobody may write to.
    private var graphDriver: GoValue {
        let layers = image.layerFolders.reversed().map(\.string)
        var data: [String: String] = [:]
        if let top = layers.first { data["UpperDir"] = top }
        if layers.count > 1 { data["LowerDir"] = layers.dropFirst().joined(separator: ":") }
        return record([("Data", .strings(data)), ("Name", .string("overlay2"))])
    }

    private var config: GoValue {
        let config = image.configuration.config
        func set(_ names: Set<String>) -> GoValue {
            .map(GoMap(names.sorted().map { ($0, .map(GoMap([]))) }))
        }
        // By their names; those that docker leaves out are known to templates as what they are empty.
        let all: [(key: String, value: GoValue?, empty: GoValue)] = [
            ("ArgsEscaped", config.argumentsAreEscaped ? .bool(true) : nil, .bool(false)),
            ("Cmd", words(config.command) ?? .nothing(.list), .null),
            ("Entrypoint", words(config.entrypoint) ?? .nothing(.list), .null),
            (
                "Env",
                config.environment.isEmpty ? .nothing(.list) : .strings(config.environment), .null
            ),
            (
                "ExposedPorts", config.exposedPorts.isEmpty ? nil : set(config.exposedPorts),
                .nothing(.map)
            ), ("Healthcheck", config.healthcheck.map(Self.healthcheck), .null),
            ("Labels", config.labels.isEmpty ? .nothing(.map) : .strings(config.labels), .null),
            ("OnBuild", words(config.onBuild) ?? .nothing(.list), .null),
            ("Shell", words(config.shell), .nothing(.list)),
            ("StopSignal", config.stopSignal.map { .string($0) }, .string("")),
            ("User", .string(config.user), .null),
            ("Volumes", config.volumes.isEmpty ? .nothing(.map) : set(config.volumes), .null),
            ("WorkingDir", .string(config.workingDirectory), .null),
        ]
        return .map(
            GoMap(
                all.compactMap { entry in entry.value.map { (entry.key, $0) } },
                missing: .error,
                unwritten: all.filter { $0.value == nil }.map { ($0.key, $0.empty) }
            )
        )
    }

    private func words(_ words: [String]?) -> GoValue? {
        words.flatMap { $0.isEmpty ? nil : .strings($0) }
    }

    private static func healthcheck(_ check: ContainerDefaults.Healthcheck) -> GoValue {
        let numbers: [(key: String, value: Int64?)] = [
            ("Interval", check.intervalNanoseconds), ("Timeout", check.timeoutNanoseconds),
            ("StartPeriod", check.startPeriodNanoseconds),
            ("StartInterval", check.startIntervalNanoseconds),
            ("Retries", check.retries.map { Int64($0) }),
        ]
        let test: [(key: String, value: GoValue)] =
            check.test.map { [("Test", .strings($0))] } ?? []
        return .map(
            GoMap(
                (test
                    + numbers.compactMap { key, value in
                        value.flatMap { $0 == 0 ? nil : (key, .integer($0)) }
                    }).sorted { $0.key < $1.key },
                missing: .error,
                unwritten: [("Test", .nothing(.list))] + numbers.map { ($0.key, .integer(0)) }
            )
        )
    }

    private func record(_ entries: [(key: String, value: GoValue)]) -> GoValue {
        .map(GoMap(entries, missing: .error))
    }
}
