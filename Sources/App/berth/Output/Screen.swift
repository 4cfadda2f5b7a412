import TextForms

/// The end of a terminal's text: a block of lines that is drawn in place, and everything else that
/// is printed above it. Gives the bytes to write; writes nothing itself.
///
/// The cursor stands at the start of the row below the block, so nothing but relative movements is
/// needed and the terminal may scroll as it likes. No line of a block may be wider than the
/// terminal, and there must be fewer lines than rows.
struct Screen {
    struct Size: Equatable {
        var columns = 80
        var rows = 24
    }

    /// Whether the terminal breaks lines again when it becomes narrower. Most do; one that does not
    /// must not be moved up further than the block was drawn.
    private let reflows: Bool
    private var block: [String] = []
    private var columns = 0
    /// What was printed last did not end its line.
    private var isMidLine = false

    init(reflows: Bool = true) { self.reflows = reflows }

    var hasBlock: Bool { !block.isEmpty }

    /// Tells what was printed while there was no block.
    mutating func notePrinted(_ text: UnsafeRawBufferPointer) {
        guard let last = text.last else { return }
        isMidLine = last != UInt8(ascii: "\n")
    }

    /// Prints text above the block: erases it, and draws it again below.
    mutating func printing(_ text: UnsafeRawBufferPointer, on size: Size) -> [UInt8] {
        guard hasBlock else {
            notePrinted(text)
            return Array(text)
        }
        guard let last = text.last else { return [] }
        var bytes = Array(erasing(on: size).utf8)
        bytes.append(contentsOf: text)
        guard block.allSatisfy({ $0.displayWidth < size.columns }) else {
            // Too wide for a terminal that became narrower: whoever draws it draws it again.
            block = []
            isMidLine = last != UInt8(ascii: "\n")
            return bytes
        }
        if last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        for line in block { bytes += Array("\(line)\n".utf8) }
        columns = size.columns
        return bytes
    }

    /// Puts lines where the block is, without clearing it first, so that nothing flickers. The first
    /// ones begin a row of their own.
    mutating func showing(_ lines: [String], on size: Size) -> [UInt8] {
        guard lines != block || size.columns != columns else { return [] }
        guard hasBlock || !lines.isEmpty else { return [] }
        var text = isMidLine ? "\n" : ""
        if rows(on: size) == block.count, lines.count >= block.count {
            if hasBlock { text = "\u{1B}[\(block.count)A" }
        } else {
            text = erasing(on: size)
        }
        for line in lines { text += "\r\(line)\u{1B}[K\n" }
        // What the terminal echoed below: `^C`.
        text += "\r\u{1B}[K"
        block = lines
        columns = size.columns
        isMidLine = false
        return Array(text.utf8)
    }

    /// Leaves the block where it is, as text like any other.
    mutating func keep() { block = [] }

    /// Takes away what the terminal echoed at the start of a row; ends a line that is not ended.
    mutating func clearingEcho() -> [UInt8] {
        guard !hasBlock else { return [] }
        defer { isMidLine = false }
        return Array((isMidLine ? "\n" : "\r\u{1B}[K").utf8)
    }

    /// From the cursor's place to the block's first row, which every row is erased up to. One by one:
    /// where all of the screen is erased at once, tmux keeps it above as if it had been scrolled.
    private func erasing(on size: Size) -> String {
        "\r\u{1B}[K" + String(repeating: "\u{1B}[A\u{1B}[K", count: rows(on: size))
    }

    /// Rows that the block takes.
    private func rows(on size: Size) -> Int {
        guard reflows, size.columns < columns, size.columns > 0 else { return block.count }
        return block.reduce(0) { sum, line in
            sum + max(1, (line.displayWidth + size.columns - 1) / size.columns)
        }
    }
}
