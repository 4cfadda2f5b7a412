/// The lines at the left of a picture that lead from what is needed to who needs it.
///
/// Every service is a row, what is needed above who needs it. A rail begins at a service that others
/// need and runs down to the last of them. A rail that a row's line only crosses is unbroken:
///
///     ┌─● db
///     ├─● web
///     └─● worker
struct DependencyRails {
    /// The lines before a service's name, and those before further lines about it.
    struct Row: Equatable {
        var head: String
        var rest: String
    }

    /// One per service, all of the same width.
    private(set) var rows: [Row] = []

    /// `needs` has the rows, above, that each row needs.
    init(needs: [[Int]]) {
        var last = [Int](repeating: -1, count: needs.count)
        for (row, above) in needs.enumerated() { for other in above { last[other] = row } }
        var rails: [Int?] = []
        var drawn: [(cells: [Cell], rails: [Int?])] = []
        for (row, above) in needs.enumerated() {
            var cells = rails.map { rail -> Cell in
                guard let rail else { return .empty }
                guard above.contains(rail) else { return .passes }
                return last[rail] == row ? .ends : .goesOn
            }
            for column in rails.indices {
                if let rail = rails[column], last[rail] == row { rails[column] = nil }
            }
            if last[row] >= 0 {
                // A rail that ends in this row leaves its column to the next row's.
                let free = cells.indices.first { cells[$0] == .empty }
                if let free {
                    cells[free] = .begins
                    rails[free] = row
                } else {
                    cells.append(.begins)
                    rails.append(row)
                }
            }
            drawn.append((cells, rails))
        }
        let width = rails.count
        rows = drawn.map { cells, rails in
            Row(head: Self.head(cells, width), rest: Self.rest(rails, width))
        }
    }

    private enum Cell { case empty, passes, goesOn, ends, begins }

    /// From the first rail that the row has to do with a line leads to the service's dot.
    private static func head(_ cells: [Cell], _ width: Int) -> String {
        let first = cells.firstIndex { $0 != .empty && $0 != .passes }
        var text = ""
        for column in 0..<width {
            let cell = column < cells.count ? cells[column] : .empty
            let isLed = first.map { column > $0 } ?? false
            switch cell {
            case .empty: text += isLed ? "─" : " "
            case .passes: text += "│"
            case .goesOn: text += isLed ? "┼" : "├"
            case .ends: text += isLed ? "┴" : "└"
            case .begins: text += isLed ? "┬" : "┌"
            }
            text += first.map { column >= $0 } ?? false ? "─" : " "
        }
        return text + "●"
    }

    private static func rest(_ rails: [Int?], _ width: Int) -> String {
        (0..<width).map { column in
            (column < rails.count && rails[column] != nil ? "│" : " ") + " "
        }.joined() + " "
    }
}
