import TextForms

/// A table as docker prints them: no border, no trailing blanks.
package struct Table: Sendable {
    var header: [String]
    var rows: [[String]] = []
    /// What a column takes at least, the space behind it counted; 10 in docker's tables.
    var minimumWidth = 0
    /// Spaces between columns; 3 in most of docker's tables.
    var gap = 3

    /// Cells by row; a row may have fewer than the header.
    package init(header: [String], rows: [[String]] = [], minimumWidth: Int = 0, gap: Int = 3) {
        self.header = header
        self.rows = rows
        self.minimumWidth = minimumWidth
        self.gap = gap
    }

    /// The lines, header first. Widths are columns of a terminal.
    ///
    /// What a cell has of characters that nobody sees, or that move a cursor, is shown as escapes.
    package func lines() -> [String] {
        let lines = ([header] + rows).map { $0.map(VisibleText.escaped) }
        var widths = [Int](repeating: 0, count: lines.map(\.count).max() ?? 0)
        for row in lines {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.displayWidth + gap, minimumWidth)
            }
        }
        return lines.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.displayWidth)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
