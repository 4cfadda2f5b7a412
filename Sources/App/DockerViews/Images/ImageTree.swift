package import Engine
package import OCI

/// The images with the platforms that their names stand for, as docker's `images --tree` shows them.
package struct ImageTree {
    private var images: [Top] = []

    /// An image under its names.
    private struct Top {
        var names: [String]
        var row: Row
        var platforms: [Platform]
    }

    /// One platform of an image's index.
    private struct Platform {
        var name: String
        var isHere: Bool
        var row: Row
    }

    /// What stands beside a name.
    private struct Row {
        var id: String
        var size: ImagePlatforms.Size
        var isUsed: Bool
    }

    /// Images that another's name stands for are shown below that. `used` are those that containers
    /// are made of.
    package init(of shown: [ImagePlatforms], used: Set<Digest>) {
        var below: Set<Digest> = []
        for item in shown {
            let id = item.image.record.id
            let platforms = item.platforms.map { entry in
                Platform(
                    name: entry.descriptor.platform?.description ?? "unknown",
                    isHere: entry.image != nil,
                    row: Row(
                        id: (entry.image?.id ?? entry.descriptor.digest).short,
                        size: entry.image?.size ?? .zero,
                        isUsed: entry.image.map { used.contains($0.id) } ?? false
                    )
                )
            }
            below.formUnion(item.platforms.compactMap(\.image?.id).filter { $0 != id })
            let here = platforms.filter(\.isHere).map(\.row)
            let row = Row(
                id: id.short,
                size: here.isEmpty ? item.size : .sum(here.map(\.size)),
                isUsed: here.isEmpty ? used.contains(id) : here.contains(where: \.isUsed)
            )
            images.append(
                Top(names: item.image.tags.map(\.familiar), row: row, platforms: platforms)
            )
        }
        let hidden = Set(below.map(\.short))
        images.removeAll { $0.names.isEmpty && hidden.contains($0.row.id) }
    }
}

extension ImageTree {
    private static let spacing = 3

    /// Docker's columns: title, width, and whether numbers stand at the right.
    private static let columns: [(title: String, width: Int, isNumber: Bool)] = [
        ("ID", 12, false), ("DISK USAGE", 10, true), ("CONTENT SIZE", 12, true),
        ("EXTRA", 5, false),
    ]

    /// The lines. Columns that do not fit into `width` are left out, and names cut; nil is as wide
    /// as they are.
    package func lines(width: Int?, isStyled: Bool) -> [String] {
        var nameWidth = "IMAGE".count
        for image in images {
            for name in image.names { nameWidth = max(nameWidth, name.count) }
            for platform in image.platforms { nameWidth = max(nameWidth, platform.name.count + 3) }
            if image.names.isEmpty { nameWidth = max(nameWidth, Self.untagged.count) }
        }
        var columns = Self.columns[...]
        if let width {
            var left = width
            let fitting = Self.columns.prefix { column in
                left -= column.width + Self.spacing
                return left >= 12
            }
            columns = fitting
            let taken = fitting.reduce(0) { $0 + $1.width + Self.spacing }
            nameWidth = min(nameWidth, max(12, width - taken))
        }
        func line(_ name: String, _ cells: [String], _ style: String) -> String {
            let padding = String(repeating: " ", count: max(0, nameWidth - name.count))
            let cut =
                name.count > nameWidth ? String(name.prefix(nameWidth - 3)) + "..." : name + padding
            var text = isStyled ? "\u{1B}[\(style)m\(cut)\u{1B}[0m" : cut
            for (column, cell) in zip(columns, cells) {
                let fill = String(repeating: " ", count: max(0, column.width - cell.count))
                text += String(repeating: " ", count: Self.spacing)
                text += column.isNumber ? fill + cell : cell + fill
            }
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
        let legend = "Info ->  U In Use"
        let indent = String(repeating: " ", count: max(0, (width ?? 80) - legend.count - 1))
        var lines = [indent + legend, "", line("IMAGE", Self.columns.map(\.title), "1")]
        for (index, image) in images.enumerated() {
            if index > 0 { lines.append("") }
            let names = image.names.isEmpty ? [Self.untagged] : image.names
            for name in names.dropLast() { lines.append(line(name, [], "1;4;34")) }
            lines.append(line(names[names.count - 1], Self.cells(image.row), "1;4;34"))
            for (place, platform) in image.platforms.enumerated() {
                let branch = place == image.platforms.count - 1 ? "└─ " : "├─ "
                let style = platform.isHere ? "0" : "2"
                lines.append(line(branch + platform.name, Self.cells(platform.row), style))
            }
        }
        return lines
    }

    private static let untagged = "<untagged>"

    private static func cells(_ row: Row) -> [String] {
        [
            row.id, row.size.disk.map { HumanSize.decimal($0) } ?? "N/A",
            HumanSize.decimal(row.size.content),
            row.isUsed ? "U" : "",
        ]
    }
}
