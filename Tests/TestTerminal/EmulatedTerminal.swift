/// A small terminal: it understands what this program writes to one, and keeps what a person would
/// see, scrolled away or not. What it does not understand it keeps too, for tests to look at.
///
/// A line feed goes to the start of the next row, as behind a tty's `onlcr`.
package struct EmulatedTerminal {
    package private(set) var columns: Int
    package private(set) var rows: Int
    /// Whether long lines are broken again when the width changes, as most terminals do.
    package var reflows = true
    package private(set) var isCursorVisible = true
    /// Sequences that were not understood.
    package internal(set) var unknown: [String] = []

    /// A row of cells; the second cell of a wide character is empty.
    struct Row {
        var cells: [String] = []
        /// It goes on in the next row: its end is no end of a line.
        var isWrapped = false

        var text: String {
            var text = cells.joined()
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }

    /// Everything from the first row that was scrolled away to the cursor's or the last one written.
    private var all = [Row()]
    /// Index of the screen's first row.
    private var top = 0
    /// Index of the cursor's row.
    private var line = 0
    private var column = 0
    /// The last column was written: the next character begins a row.
    private var wrapsNext = false
    var parser = SequenceParser()

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    // MARK: What a person sees

    /// All lines, those scrolled away first; rows that a long line was broken into are one line.
    package var lines: [String] {
        var lines: [String] = []
        var pending = ""
        for row in all {
            if row.isWrapped {
                pending += row.cells.joined()
            } else {
                lines.append(pending + row.text)
                pending = ""
            }
        }
        if !pending.isEmpty { lines.append(pending) }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The rows on the screen now.
    package var screen: [String] { all[top...].prefix(rows).map(\.text) }

    /// Row and column of the cursor on the screen, from 0.
    package var cursor: (row: Int, column: Int) { (line - top, column) }

    // MARK: Input

    /// What a program writes; sequences and characters may be cut anywhere.
    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            for event in parser.take(byte) { apply(event) }
        }
    }

    package mutating func feed(_ text: String) { feed(Array(text.utf8)) }

    /// Gives the window another size.
    package mutating func resize(columns: Int, rows: Int) {
        if reflows, columns != self.columns { rewrap(to: columns) }
        self.columns = columns
        self.rows = rows
        column = min(column, columns - 1)
        wrapsNext = false
        // Blank rows below the cursor go first; then rows leave at the top.
        while all.count - 1 > line, all[all.count - 1].text.isEmpty { all.removeLast() }
        top = max(0, max(all.count, line + 1) - rows)
    }

    private mutating func apply(_ event: SequenceParser.Event) {
        switch event {
        case .character(let scalar): put(scalar)
        case .control(let byte): control(byte)
        case .sequence(let numbers, let isPrivate, let final):
            sequence(numbers, isPrivate, final)
        case .other(let text): unknown.append(text)
        }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let width = Self.width(of: scalar)
        if width == 0 {
            let place = wrapsNext ? column : column - 1
            guard place >= 0, place < all[line].cells.count else { return }
            all[line].cells[place].unicodeScalars.append(scalar)
            return
        }
        if wrapsNext || column + width > columns {
            all[line].isWrapped = true
            column = 0
            feedLine()
        }
        write(String(Character(scalar)))
        for _ in 1..<width { write("") }
    }

    private mutating func write(_ cell: String) {
        pad(to: column + 1)
        all[line].cells[column] = cell
        wrapsNext = column == columns - 1
        if !wrapsNext { column += 1 }
    }

    private mutating func pad(to count: Int) {
        while all[line].cells.count < count { all[line].cells.append(" ") }
    }

    private mutating func feedLine() {
        wrapsNext = false
        line += 1
        if line == all.count { all.append(Row()) }
        top = max(top, line - rows + 1)
    }

    private mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x0A:
            all[line].isWrapped = false
            column = 0
            feedLine()
        case 0x0D: column = 0
        case 0x08: column = max(0, column - 1)
        case 0x09: column = min(columns - 1, (column / 8 + 1) * 8)
        case 0x07: break
        default: unknown.append("control \(byte)")
        }
        wrapsNext = false
    }

    private mutating func sequence(_ numbers: [Int], _ isPrivate: Bool, _ final: Character) {
        let count = max(1, numbers.first ?? 1)
        switch (final, isPrivate) {
        case ("m", false): return
        case ("h", true) where numbers == [25]: isCursorVisible = true
        case ("l", true) where numbers == [25]: isCursorVisible = false
        case ("A", false): line = max(top, line - count)
        case ("B", false):
            line = min(top + rows - 1, line + count)
            while all.count <= line { all.append(Row()) }
        case ("C", false): column = min(columns - 1, column + count)
        case ("D", false): column = max(0, column - count)
        case ("G", false): column = min(columns, count) - 1
        case ("J", false) where numbers.isEmpty || numbers == [0]:
            eraseLine()
            all.removeLast(all.count - line - 1)
        case ("K", false) where numbers.isEmpty || numbers == [0]: eraseLine()
        default:
            unknown.append("CSI \(isPrivate ? "?" : "")\(numbers) \(final)")
        }
        wrapsNext = false
    }

    private mutating func eraseLine() {
        all[line].cells.removeLast(max(0, all[line].cells.count - column))
        all[line].isWrapped = false
    }

    // MARK: Breaking lines again

    private mutating func rewrap(to width: Int) {
        var result: [Row] = []
        var cells: [String] = []
        var place: Int?
        var newLine = line
        var newColumn = column
        for (index, row) in all.enumerated() {
            if index == line { place = cells.count + column }
            cells += row.isWrapped ? row.cells : Self.trimmed(row.cells)
            guard !row.isWrapped else { continue }
            let first = result.count
            repeat {
                let chunk = Array(cells.prefix(width))
                cells.removeFirst(chunk.count)
                result.append(Row(cells: chunk, isWrapped: !cells.isEmpty))
            } while !cells.isEmpty
            if let offset = place {
                newLine = first + offset / width
                newColumn = offset % width
                while result.count <= newLine { result.append(Row()) }
                place = nil
            }
        }
        all = result
        line = newLine
        column = newColumn
    }

    private static func trimmed(_ cells: [String]) -> [String] {
        var cells = cells
        while cells.last == " " { cells.removeLast() }
        return cells
    }

    /// By the blocks that tests use; independent of the program's own table.
    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: 0
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF:
            2
        default: 1
        }
    }
}
