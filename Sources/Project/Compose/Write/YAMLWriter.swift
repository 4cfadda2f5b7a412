import OrderedCollections
import TextForms

/// Writes a canonical tree as docker compose prints it: block style, two columns a level, folded
/// at 80 columns.
struct YAMLWriter {
    private static let width = 80
    /// A longer key is written as `? key`: a parser looks no further than 1024 for a colon.
    private static let keyBytes = 128

    private let order = CanonicalOrder(format: .yaml)
    private var output: [UInt8] = []
    /// Characters of the current line that stand before `counted`.
    private var countedColumns = 0
    /// Where the characters of the current line have not been counted yet: few lines are so long
    /// that it matters how long they are.
    private var counted = 0

    /// The document, with every dollar sign doubled so that it reads back the same.
    static func document(_ root: Node, of shape: Shape, escapesDollars: Bool = true) -> String {
        var writer = YAMLWriter()
        if case .map(let mapping) = root.value {
            let entries = writer.order.entries(mapping, of: shape)
            writer.put(mapping, entries, indent: 0, isInline: true)
        }
        return Dollars.text(writer.output, doubled: escapesDollars)
    }

    /// A text as a scalar on one line, however long it is.
    static func inline(_ text: String) -> String {
        switch ScalarStyle.of(text, isKey: true) {
        case .plain: return text
        case .single: return "'" + text.replacing("'", with: "''") + "'"
        case .double, .literal:
            return "\"" + text.unicodeScalars.map { ScalarStyle.escape($0) ?? String($0) }.joined()
                + "\""
        }
    }

    /// When it `isInline`, the first entry stands on the line begun already.
    private mutating func put(
        _ mapping: Node.Mapping,
        _ entries: [CanonicalOrder.Entry],
        indent: Int,
        isInline: Bool
    ) {
        var isFirst = isInline
        for entry in entries {
            guard let index = entry.index else { continue }  // Only JSON says what is not there.
            if !isFirst { newLine(indent) }
            isFirst = false
            var isLong = false
            if let attribute = entry.attribute {
                // A word of the specification is never quoted.
                put(attribute.key)
            } else {
                let key = mapping.keys[index]
                isLong = key.utf8.count > Self.keyBytes
                if isLong { put("? ") }
                scalar(key, indent: indent, isKey: true)
                if isLong { newLine(indent) }
            }
            output.append(UInt8(ascii: ":"))
            value(mapping.values[index], entry.shape, parent: indent, isListItem: isLong)
        }
        if indent == 0 { newLine(0) }
    }

    private mutating func list(_ items: [Node], _ shape: Shape, indent: Int, isInline: Bool) {
        let element = shape.parts.element.shape
        for (index, item) in items.enumerated() {
            if index > 0 || !isInline { newLine(indent) }
            output.append(UInt8(ascii: "-"))
            value(item, element, parent: indent, isListItem: true)
        }
    }

    /// What follows `key:` or `-`.
    private mutating func value(
        _ node: Node,
        _ shape: Shape,
        parent: Int,
        isListItem: Bool
    ) {
        switch node.value {
        case .null: put(" null")
        case .bool(let flag): put(flag ? " true" : " false")
        case .int(let number): put(" \(number)")
        case .float(let number): put(" " + GoFloat.yaml(number))
        case .string(let text):
            output.append(UInt8(ascii: " "))
            scalar(text, indent: parent + 2, isKey: false)
        case .list(let items):
            if items.isEmpty { return put(" []") }
            if isListItem { put(" ") }
            list(items, shape, indent: parent + 2, isInline: isListItem)
        case .map(let mapping):
            let entries = order.entries(mapping, of: shape)
            if entries.isEmpty { return put(" {}") }
            if isListItem { put(" ") }
            put(mapping, entries, indent: parent + 2, isInline: isListItem)
        }
    }

    /// `indent` is the column of the lines that a long text goes on in.
    private mutating func scalar(_ text: String, indent: Int, isKey: Bool) {
        switch ScalarStyle.of(text, isKey: isKey) {
        case .plain: folded(text, indent: indent, isKey: isKey) { [$0] }
        case .single:
            put("'")
            folded(text, indent: indent, isKey: isKey) { $0 == "'" ? ["'", "'"] : [$0] }
            put("'")
        case .double: double(text, indent: indent, isKey: isKey)
        case .literal: literal(text, indent: indent)
        }
    }

    /// A text that may break at a single space, once the line is full.
    private mutating func folded(
        _ text: String,
        indent: Int,
        isKey: Bool,
        _ convert: (UnicodeScalar) -> [UnicodeScalar]
    ) {
        if isKey || fits(text), !text.utf8.contains(UInt8(ascii: "'")) { return put(text) }
        let scalars = Array(text.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            let isInside = index > 0 && index < scalars.count - 1
            if scalar == " " {
                if !isKey, !wasSpace, isInside, scalars[index + 1] != " ", isLineFull {
                    newLine(indent)
                } else {
                    put(scalar)
                }
                wasSpace = true
            } else {
                for written in convert(scalar) { put(written) }
                wasSpace = false
            }
        }
    }

    private mutating func double(_ text: String, indent: Int, isKey: Bool) {
        put("\"")
        defer { put("\"") }
        if isKey || fits(text), ScalarStyle.isBare(text) { return put(text) }
        let scalars = Array(text.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            if let escape = ScalarStyle.escape(scalar) {
                put(escape)
                wasSpace = false
            } else if scalar == " ", !isKey, !wasSpace, index > 0, index < scalars.count - 1,
                isLineFull
            {
                newLine(indent)
                if scalars[index + 1] == " " { put("\\") }
                wasSpace = true
            } else {
                put(scalar)
                wasSpace = scalar == " "
            }
        }
    }

    private mutating func literal(_ text: String, indent: Int) {
        let bytes = Array(text.utf8)
        let newline = UInt8(ascii: "\n")
        put("|")
        // How deep the text stands is seen by its first line that is not empty.
        if bytes.first(where: { $0 != newline }) == UInt8(ascii: " ") { put("2") }
        if bytes.last != newline {
            put("-")
        } else if bytes.count == 1 || bytes[bytes.count - 2] == newline {
            put("+")
        }
        var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
        if bytes.last == newline { lines.removeLast() }
        for line in lines {
            if line.isEmpty {
                output.append(newline)
            } else {
                newLine(indent)
                output += line
            }
        }
    }

    private mutating func newLine(_ indent: Int) {
        output.append(UInt8(ascii: "\n"))
        for _ in 0..<indent { output.append(UInt8(ascii: " ")) }
        countedColumns = indent
        counted = output.count
    }

    /// Whether a text certainly ends within the width: no character has less than a byte.
    private func fits(_ text: String) -> Bool {
        countedColumns + (output.count - counted) + text.utf8.count <= Self.width
    }

    /// Whether the current line is as long as lines are to be.
    private var isLineFull: Bool {
        mutating get {
            // Every byte begins a character, but for those that go on with one.
            for byte in output[counted...] where byte & 0xC0 != 0x80 { countedColumns += 1 }
            counted = output.count
            return countedColumns > Self.width
        }
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { output.append(contentsOf: $0) }
    }

    private mutating func put(_ scalar: UnicodeScalar) {
        output += UTF8.encode(scalar).map(Array.init) ?? []
    }
}

/// Doubles dollar signs in finished text, so that it can be loaded again.
enum Dollars {
    static func text(_ bytes: [UInt8], doubled: Bool) -> String {
        guard doubled, bytes.contains(UInt8(ascii: "$")) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 16)
        for byte in bytes {
            result.append(byte)
            if byte == UInt8(ascii: "$") { result.append(byte) }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
