/// Looks into the text as it was written, for what a tree no longer says.
extension Sources {
    /// Where `text` stands in the value that begins at a mark: on its line, or in the lines of its
    /// block. nil where it is not found as it is.
    mutating func find(_ text: String, from mark: Mark) -> Mark? {
        guard !text.isEmpty, mark.column <= Self.shownBytes, let first = line(mark) else {
            return nil
        }
        let start = max(0, Int(mark.column) - 1)
        if let column = Self.column(of: text, in: first, from: start) {
            return Mark(file: mark.file, line: mark.line, column: column)
        }
        // An anchor or a tag may stand before the sign of the block.
        let words = String(first.unicodeScalars.dropFirst(start)).split(separator: " ")
        guard let sign = words.first(where: { $0.first != "&" && $0.first != "!" })?.first,
            sign == "|" || sign == ">"
        else { return nil }
        let outer = Self.indentation(first)
        var place = Mark(file: mark.file, line: mark.line + 1, column: 1)
        while let line = line(place) {
            let isBlank = line.allSatisfy { $0 == " " }
            guard isBlank || Self.indentation(line) > outer else { return nil }
            if let column = Self.column(of: text, in: line, from: 0) {
                place.column = column
                return place
            }
            place.line += 1
        }
        return nil
    }

    /// The number or word written at a mark, where that is what the value came from.
    mutating func written(_ node: Node) -> String? {
        guard let word = word(at: node.mark) else { return nil }
        let value = Array(word.utf8).withUnsafeBufferPointer { Node.Value(resolvingPlain: $0) }
        return value == node.value ? word : nil
    }

    /// The letters, digits and signs of numbers that stand at a mark; nil where none do.
    mutating func word(at mark: Mark) -> String? {
        // Of a line of megabytes, every part would be looked for from its beginning.
        guard mark.column <= Self.shownBytes, let line = line(mark) else { return nil }
        let rest = line.unicodeScalars.dropFirst(max(0, Int(mark.column) - 1))
        let word = String(
            String.UnicodeScalarView(
                rest.prefix {
                    ("0"..."9").contains($0) || ("a"..."z").contains($0) || ("A"..."Z").contains($0)
                        || "+-._:".unicodeScalars.contains($0)
                }
            )
        )
        return word.isEmpty ? nil : word
    }

    /// Column, from 1 and in characters, of a text that is not a part of a longer name.
    private static func column(of text: String, in line: String, from start: Int) -> UInt32? {
        let (wanted, given) = (Array(text.unicodeScalars), Array(line.unicodeScalars))
        guard given.count >= wanted.count + start else { return nil }
        for index in start...(given.count - wanted.count) {
            let end = index + wanted.count
            guard given[index..<end].elementsEqual(wanted) else { continue }
            guard wanted.first == "$" else { return UInt32(index + 1) }
            // `$$A` is no variable, and `$AB` is another one.
            let isOther = isNameLetter(wanted[wanted.count - 1]) && end < given.count
            guard !(isOther && isNameLetter(given[end])), index == 0 || given[index - 1] != "$"
            else { continue }
            return UInt32(index + 1)
        }
        return nil
    }

    private static func isNameLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || ("0"..."9").contains(scalar)
    }

    private static func indentation(_ line: String) -> Int {
        line.utf8.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") }.count
    }
}
