import Compose
import TextForms

extension ProjectGraph {
    /// The graph for programs, as one document.
    func json() -> String {
        Self.object([
            ("name", .string(name)), ("services", .array(services.map(json))),
            (
                "networks",
                .array(
                    networks.map { network in
                        Self.object([
                            ("name", .string(network.name)),
                            ("external", .bool(network.isExternal)),
                            ("internal", .bool(network.isInternal)),
                        ])
                    }
                )
            ),
            (
                "volumes",
                .array(
                    volumes.map { volume in
                        Self.object([
                            ("kind", .string(volume.kind.rawValue)), ("name", .string(volume.name)),
                            ("external", .bool(volume.isExternal)),
                        ])
                    }
                )
            ),
        ])
        .text() + "\n"
    }

    private func json(_ service: Service) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("name", .string(service.name)), ("image", .string(service.image)),
            ("scale", .number("\(service.scale)")),
            (
                "dependsOn",
                .array(
                    service.dependencies.map { dependency in
                        Self.object([
                            ("service", .string(dependency.service)),
                            ("condition", .string(dependency.condition.rawValue)),
                            ("required", .bool(dependency.isRequired)),
                            ("restart", .bool(dependency.restarts)),
                        ])
                    }
                )
            ),
            ("networks", .array(service.networks.map { .string($0) })),
        ]
        if let mode = service.networkMode { members.append(("networkMode", .string(mode))) }
        members.append(
            (
                "mounts",
                .array(
                    service.mounts.map { mount in
                        Self.object([
                            ("kind", .string(volumes[mount.volume].kind.rawValue)),
                            ("source", .string(volumes[mount.volume].name)),
                            ("target", .string(mount.target)),
                            ("readOnly", .bool(mount.isReadOnly)),
                        ])
                    }
                )
            )
        )
        members.append(
            (
                "ports",
                .array(
                    service.ports.map { port in
                        Self.object([
                            ("host", .string(port.host)), ("container", .string(port.container)),
                        ])
                    }
                )
            )
        )
        return Self.object(members)
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(members.map { JSONValue.Member(name: $0.0, value: $0.1) })
    }
}
