import OrderedCollections
import TextForms

extension ProjectGraph {
    /// A picture for a terminal: a row per service, lines from what is needed to who needs it, and
    /// below it networks, volumes and published ports with who has them.
    func picture() -> String {
        var lines = [title]
        lines += [""] + servicesPicture()
        let sections = [
            ("networks", networksPicture()), ("volumes", volumesPicture()),
            ("ports", portsPicture()),
        ]
        for (name, rows) in sections where !rows.isEmpty {
            let width = rows.map { $0.0.displayWidth }.max() ?? 0
            lines += ["", name]
            lines += rows.map { "  \($0.0.padded(toColumns: width))  \($0.1)" }
        }
        return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
            .joined(separator: "\n") + "\n"
    }

    private var title: String {
        let count = services.count
        return "\(name): \(count) \(count == 1 ? "service" : "services")"
    }

    private func servicesPicture() -> [String] {
        let numbers = Dictionary(uniqueKeysWithValues: services.enumerated().map { ($1.name, $0) })
        let rails = DependencyRails(
            needs: services.map { $0.dependencies.compactMap { numbers[$0.service] } }
        )
        let names = services.map { $0.name + ($0.scale == 1 ? "" : " ×\($0.scale)") }
        let width = names.map(\.displayWidth).max() ?? 0
        var lines: [String] = []
        for (index, service) in services.enumerated() {
            let row = rails.rows[index]
            var details = [VisibleText.escaped(service.image)]
            details += service.dependencies.map { "after \($0.service) \($0.words)" }
            for (number, detail) in details.enumerated() {
                let name = number == 0 ? names[index] : ""
                lines.append(
                    "\(number == 0 ? row.head : row.rest) \(name.padded(toColumns: width))  \(detail)"
                )
            }
        }
        return lines
    }

    private func networksPicture() -> [(String, String)] {
        var rows = networks.map { network in
            let members = services.filter { $0.networks.contains(network.name) }.map(\.name)
            let remarks = [
                network.isInternal ? "internal" : nil, network.isExternal ? "external" : nil,
            ].compactMap(\.self)
            let remark = remarks.isEmpty ? "" : "  (\(remarks.joined(separator: ", ")))"
            return (network.name, members.joined(separator: ", ") + remark)
        }
        for service in services {
            guard let mode = service.networkMode else { continue }
            rows.append(("(\(VisibleText.escaped(mode)))", service.name))
        }
        return rows
    }

    private func volumesPicture() -> [(String, String)] {
        volumes.enumerated().map { index, volume in
            let uses = services.flatMap { service in
                service.mounts.filter { $0.volume == index }
                    .map { "\(service.name) at \(VisibleText.escaped($0.words))" }
            }
            let remark = volume.isExternal ? "  (external)" : ""
            return (VisibleText.escaped(volume.name), uses.joined(separator: ", ") + remark)
        }
    }

    private func portsPicture() -> [(String, String)] {
        services.flatMap { service in
            service.ports.map { ($0.host, "\(service.name) \($0.container)") }
        }
    }
}
