import TextForms

extension ProjectGraph {
    /// A flowchart of Mermaid, which web sites of repositories draw. An arrow goes from a service to
    /// what it needs; texts of the file are in quotes, as entities where they would end them.
    func mermaid() -> String {
        var lines = ["flowchart LR"]
        let numbers = Dictionary(
            uniqueKeysWithValues: services.enumerated().map { ($1.name, $0) }
        )
        for (index, service) in services.enumerated() {
            let count = service.scale == 1 ? "" : " ×\(service.scale)"
            let label = Self.quoted(service.name + count) + "<br/>" + Self.quoted(service.image)
            lines.append("  s\(index)[\"\(label)\"]")
        }
        for (index, network) in networks.enumerated() {
            lines.append("  n\(index){{\"\(Self.quoted(Self.label(network)))\"}}")
        }
        for (index, volume) in volumes.enumerated() {
            lines.append("  v\(index)[(\"\(Self.quoted(Self.label(volume)))\")]")
        }
        for (index, service) in services.enumerated() {
            for dependency in service.dependencies {
                guard let other = numbers[dependency.service] else { continue }
                let arrow = dependency.isRequired ? "-->" : "-.->"
                lines.append("  s\(index) \(arrow)|\"\(dependency.words)\"| s\(other)")
            }
            for network in service.networks {
                guard let other = networks.firstIndex(where: { $0.name == network }) else {
                    continue
                }
                lines.append("  s\(index) -.- n\(other)")
            }
            for mount in service.mounts {
                lines.append(
                    "  s\(index) ---|\"\(Self.quoted(mount.words))\"| v\(mount.volume)"
                )
            }
            for (number, port) in service.ports.enumerated() {
                lines.append("  p\(index)_\(number)([\"\(Self.quoted(port.host))\"])")
                lines.append("  p\(index)_\(number) -->|\"\(port.container)\"| s\(index)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func label(_ network: Network) -> String {
        let remarks = [
            network.isExternal ? "external" : nil, network.isInternal ? "internal" : nil,
        ]
        .compactMap(\.self)
        return "network \(network.name)"
            + (remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))")
    }

    static func label(_ volume: Volume) -> String {
        volume.kind == .bind
            ? volume.name : "volume \(volume.name)" + (volume.isExternal ? " (external)" : "")
    }

    /// Mermaid's entities are `#` and a number, and what stands for markup would be read as such.
    private static func quoted(_ text: String) -> String {
        VisibleText.escaped(text).reduce(into: "") { out, character in
            switch character {
            case "#", "\"", "<", ">", "&", "`":
                out += "#\(character.unicodeScalars.first?.value ?? 0);"
            default: out.append(character)
            }
        }
    }
}

extension ProjectGraph.Mount {
    /// Where it is in the container.
    var words: String { target + (isReadOnly ? " (read-only)" : "") }
}
