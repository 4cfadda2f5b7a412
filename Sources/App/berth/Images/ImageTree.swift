import Engine
import ImageStore
import OCI

/// The images with the platforms that their names stand for, as docker's `images --tree` shows them.
struct ImageTree {
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
        /// With everything unpacked; nil when some of it is lost.
        var disk: Int64?
        /// As it came.
        var content: Int64
        var isUsed: Bool
    }

    /// Images that another's name stands for are shown below that.
    init(of shown: [KnownImage], in session: Session?) async throws {
        guard let session else { return }
        let variants = try await session.engine.variants(of: shown.map(\.record))
        let used = Set(try await session.engine.containers(ofProject: nil).map(\.image))
        var below: Set<Digest> = []
        for (image, variants) in zip(shown, variants) {
            let own = Self.row(image.record, used, session.engine.imageStore)
            let platforms = variants.entries.map { entry in
                Platform(
                    name: entry.descriptor.platform?.description ?? "unknown",
                    isHere: entry.image != nil,
                    row: entry.image.map { Self.row($0, used, session.engine.imageStore) }
                        ?? Row(
                            id: entry.descriptor.digest.short,
                            disk: 0,
                            content: 0,
                            isUsed: false
                        )
                )
            }
            below.formUnion(
                variants.entries.compactMap(\.image?.id).filter { $0 != image.record.id }
            )
            let here = platforms.filter(\.isHere).map(\.row)
            let row =
                here.isEmpty
                ? own
                : Row(
                    id: own.id,
                    disk: Self.sum(here.map(\.disk)),
                    content: here.reduce(0) { $0 + $1.content },
                    isUsed: here.contains(where: \.isUsed)
                )
            images.append(
                Top(names: image.tags.map(\.familiar), row: row, platforms: platforms)
            )
        }
        let hidden = Set(below.map(\.short))
        images.removeAll { $0.names.isEmpty && hidden.contains($0.row.id) }
    }

    /// Nil when one of them is unknown.
    private static func sum(_ sizes: [Int64?]) -> Int64? {
        let known = sizes.compactMap(\.self)
        return known.count == sizes.count ? known.reduce(0, +) : nil
    }

    private static func row(_ image: ImageRecord, _ used: Set<Digest>, _ store: ImageStore) -> Row {
        var seen: Set<Digest> = []
        let blobs = image.layers.compactMap(\.blob).filter { seen.insert($0).inserted }
        let layers = blobs.reduce(Int64(0)) { $0 + (store.blobSize($1) ?? 0) }
        let content = layers + Int64(image.configuration.count)
        return Row(
            id: image.id.short,
            // Why one cannot be counted is nothing for a listing.
            disk: sum([content] + image.layers.map { try? store.contentBytes(of: $0.diffID) }),
            content: content,
            isUsed: used.contains(image.id)
        )
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
    func lines(width: Int?, isStyled: Bool) -> [String] {
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
            row.id, row.disk.map { HumanSize.decimal($0) } ?? "N/A",
            HumanSize.decimal(row.content),
            row.isUsed ? "U" : "",
        ]
    }
}
