/// A table as docker prints them: three spaces between columns, no border, no trailing blanks.
struct Table {
    var header: [String]
    var rows: [[String]] = []

    /// The lines, header first. Widths count characters.
    func lines() -> [String] {
        var widths = header.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        return ([header] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 3)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
