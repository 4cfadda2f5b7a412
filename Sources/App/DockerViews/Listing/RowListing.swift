package import GoTemplate
import TextForms

/// Rows in the form that `--format` asks for: `table`, `json`, `table TEMPLATE` or a template.
package struct RowListing: Sendable {
    /// One column of the table: the field and what stands above it.
    package struct Column: Sendable {
        var field: String
        var title: String

        /// `title` stands above what `field` of a row says.
        package init(_ field: String, _ title: String) {
            self.field = field
            self.title = title
        }
    }

    private let format: String
    private let columns: [Column]
    private let titles: GoMap
    private let minimumWidth: Int

    /// `columns` are those of the plain table; `others` have titles only for `table` templates.
    package init(format: String, columns: [Column], others: [Column] = [], minimumWidth: Int = 10) {
        self.format =
            format.isEmpty
            ? "table" : format.replacing("\\t", with: "\t").replacing("\\n", with: "\n")
        self.columns = columns
        self.minimumWidth = minimumWidth
        let label = GoValue.function { .string(Self.title(ofLabel: $0.first?.printed ?? "")) }
        titles = GoMap(
            (columns + others).map { ($0.field, .string($0.title)) } + [("Label", label)],
            missing: .title
        )
    }

    /// The same with titles and fields apart.
    package init(format: String, header: [String], cells: [String], minimumWidth: Int = 10) {
        self.init(
            format: format,
            columns: zip(cells, header).map { Column($0, $1) },
            minimumWidth: minimumWidth
        )
    }

    /// The lines of rows that are texts. A row is its fields by name, in the order of the JSON form.
    package func lines(
        _ rows: [[(name: String, value: String)]],
        isSeen: Bool = false
    ) throws -> [String] {
        try lines(rows.map { Self.row($0) }, isSeen: isSeen)
    }

    /// A row of texts, and the label of a name where things have labels.
    static func row(
        _ fields: [(name: String, value: String)],
        label: (@Sendable (String) -> String)? = nil
    ) -> GoMap {
        row(fields.map { ($0.name, .string($0.value)) }, of: "*formatter.row", label: label)
    }

    /// The same of values; messages about fields that are not there name the type.
    static func row(
        _ fields: [(key: String, value: GoValue)],
        of type: String,
        label: (@Sendable (String) -> String)? = nil
    ) -> GoMap {
        var entries = fields
        if let label {
            entries.append(("Label", .function { .string(label($0.first?.printed ?? "")) }))
        }
        return GoMap(entries, missing: .unknownField(of: type))
    }

    /// The lines. Where `isSeen` a terminal shows them: what a template takes from the rows, which
    /// others may have written, is visible text there. Tables and JSON are so anyway.
    package func lines(_ rows: [GoMap], isSeen: Bool = false) throws -> [String] {
        guard format != "json" else { return rows.map { GoValue.map($0).json(escapesHTML: true) } }
        guard format.hasPrefix("table") else {
            let template = try Self.parse(format)
            let showing: (String) -> String = isSeen ? { VisibleText.lines($0) } : { $0 }
            return try rows.map { try Self.render(template, $0, showing: showing) }
        }
        let custom = format.dropFirst("table".count).drop { $0 == " " }
        guard !custom.isEmpty else {
            return Table(
                header: columns.map(\.title),
                rows: rows.map { row in columns.map { row[$0.field]?.printed ?? "" } },
                minimumWidth: minimumWidth
            ).lines()
        }
        let template = try Self.parse(String(custom))
        let header = try Self.render(
            template.with(functions: TemplateFunction.ofHeaders),
            titles
        )
        let body = try rows.map { try Self.render(template, $0) }
        let cells = ([header] + body).map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        return Table(
            header: cells[0],
            rows: Array(cells.dropFirst()),
            minimumWidth: minimumWidth
        ).lines()
    }

    /// `com.example.some-label` stands above its column as `some label`.
    private static func title(ofLabel name: String) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return last.replacing("-", with: " ").replacing("_", with: " ")
    }

    private static func parse(_ text: String) throws -> Template {
        do {
            return try Template(parsing: text)
        } catch {
            throw DockerViewsError(.template, "failed to parse template: \(error)")
        }
    }

    private static func render(
        _ template: Template,
        _ row: GoMap,
        showing: @escaping (String) -> String = { $0 }
    ) throws -> String {
        do {
            return try template.render(.map(row), showing: showing)
        } catch {
            throw DockerViewsError(.template, "template parsing error: \(error)")
        }
    }
}
