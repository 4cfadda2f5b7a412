import TextForms

extension ProjectGraph {
    /// A graph in the language of Graphviz: `berth graph --format dot | dot -Tsvg`. An edge goes
    /// from a service to what it needs.
    func dot() -> String {
        var lines = [
            "digraph \(Self.quoted(name)) {",
            "  rankdir=LR;",
            "  node [fontname=\"sans-serif\"];",
            "  edge [fontname=\"sans-serif\", fontsize=10];",
        ]
        for service in services {
            let count = service.scale == 1 ? "" : " ×\(service.scale)"
            let label = Self.quoted([service.name + count, service.image])
            lines.append("  \(Self.quoted("service:" + service.name)) [shape=box, label=\(label)];")
        }
        for network in networks {
            let id = Self.quoted("network:" + network.name)
            lines.append("  \(id) [shape=hexagon, label=\(Self.quoted(Self.label(network)))];")
        }
        for volume in volumes {
            lines.append(
                "  \(Self.id(volume)) [shape=cylinder, label=\(Self.quoted(Self.label(volume)))];"
            )
        }
        for service in services { lines += edges(of: service) }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private func edges(of service: Service) -> [String] {
        let id = Self.quoted("service:" + service.name)
        var lines: [String] = []
        for dependency in service.dependencies {
            let other = Self.quoted("service:" + dependency.service)
            let style = dependency.isRequired ? "" : ", style=dashed"
            lines.append("  \(id) -> \(other) [label=\(Self.quoted(dependency.words))\(style)];")
        }
        for network in service.networks {
            let other = Self.quoted("network:" + network)
            lines.append("  \(id) -> \(other) [dir=none, style=dotted];")
        }
        for mount in service.mounts {
            let other = Self.id(volumes[mount.volume])
            lines.append("  \(id) -> \(other) [dir=none, label=\(Self.quoted(mount.words))];")
        }
        for port in service.ports {
            let host = Self.quoted("port:\(service.name):\(port.host):\(port.container)")
            lines.append("  \(host) [shape=plaintext, label=\(Self.quoted(port.host))];")
            lines.append("  \(host) -> \(id) [label=\(Self.quoted(port.container))];")
        }
        return lines
    }

    private static func id(_ volume: Volume) -> String {
        quoted("\(volume.kind.rawValue):\(volume.name)")
    }

    private static func quoted(_ text: String) -> String { quoted([text]) }

    /// Lines of a label. What escapes is escaped, so that no text of a file is one of Graphviz'
    /// escape sequences.
    private static func quoted(_ lines: [String]) -> String {
        let lines = lines.map { line in
            VisibleText.escaped(line).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
        return "\"\(lines.joined(separator: "\\n"))\""
    }
}
