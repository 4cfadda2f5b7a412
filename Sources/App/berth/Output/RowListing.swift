/// Rows in the form that `--format` asks for: `table`, `json`, `table TEMPLATE` or a template.
struct RowListing {
    private let format: String
    private let header: [String]
    private let cells: [String]

    /// `cells` are the names of the fields that the table shows, in the order of `header`.
    init(format: String, header: [String], cells: [String]) {
        self.format = format
        self.header = header
        self.cells = cells
    }

    /// Writes to stdout. A row is its fields by name, in the order of the JSON form.
    func write(_ rows: [[(name: String, value: String)]]) throws {
        for line in try lines(rows) { Terminal.line(line) }
    }

    func lines(_ rows: [[(name: String, value: String)]]) throws -> [String] {
        switch format {
        case "table":
            let cells = cells
            return Table(
                header: header,
                rows: rows.map { row in
                    cells.map { cell in row.first { $0.name == cell }?.value ?? "" }
                }
            ).lines()
        case "json":
            return rows.map(JSONText.object)
        case let text where text.hasPrefix("table "):
            let template = try RowTemplate(parsing: String(text.dropFirst("table ".count)))
            let columns = template.fields.map { field in
                cells.firstIndex(of: field).map { header[$0] } ?? field.uppercased()
            }
            let body = try rows.map { row in
                try template.render(row).split(
                    separator: "\t",
                    omittingEmptySubsequences: false
                ).map(String.init)
            }
            return Table(header: columns, rows: body).lines()
        default:
            let template = try RowTemplate(parsing: format)
            return try rows.map { try template.render($0) }
        }
    }
}
