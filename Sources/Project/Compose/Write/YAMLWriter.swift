/// Writes a canonical tree as docker compose prints it: block style, two columns a level, folded
/// at 80 columns.
struct YAMLWriter {
    private static let width = 80
    /// A longer key is written as `? key`: a parser looks no further than 1024 for a colon.
    private static let keyBytes = 128

    private let order = CanonicalOrder(format: .yaml)
    private var output: [UInt8] = []
    /// Characters on the current line so far.
    private var column = 0

    /// The document, with every dollar sign doubled so that it reads back the same.
    static func document(_ root: Node, of shape: Shape, escapesDollars: Bool = true) -> String {
        var writer = YAMLWriter()
        if case .map(let mapping) = root.value {
            writer.mapping(writer.order.entries(mapping, of: shape), indent: 0, isInline: true)
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
    private mutating func mapping(
        _ entries: [CanonicalOrder.Entry],
        indent: Int,
        isInline: Bool
    ) {
        var isFirst = isInline
        for entry in entries {
            if !isFirst { newLine(indent) }
            isFirst = false
            let isLong = entry.key.utf8.count > Self.keyBytes
            if entry.isFixed {
                put(entry.key)
            } else {
                if isLong { put("? ") }
                scalar(entry.key, indent: indent, isKey: true)
                if isLong { newLine(indent) }
            }
            put(":")
            value(entry.node, entry.shape, parent: indent, isListItem: isLong)
        }
        if indent == 0 { newLine(0) }
    }

    private mutating func list(_ items: [Node], _ shape: Shape, indent: Int, isInline: Bool) {
        let element = order.element(of: shape)
        for (index, item) in items.enumerated() {
            if index > 0 || !isInline { newLine(indent) }
            put("-")
            value(item, element, parent: indent, isListItem: true)
        }
    }

    /// What follows `key:` or `-`.
    private mutating func value(
        _ node: Node?,
        _ shape: Shape,
        parent: Int,
        isListItem: Bool
    ) {
        switch node?.value ?? .null {
        case .null: put(" null")
        case .bool(let flag): put(flag ? " true" : " false")
        case .int(let number): put(" \(number)")
        case .float(let number): put(" " + GoNumber.yaml(number))
        case .string(let text):
            put(" ")
            scalar(text, indent: parent + 2, isKey: false)
        case .list(let items):
            if items.isEmpty { return put(" []") }
            if isListItem { put(" ") }
            list(items, shape, indent: parent + 2, isInline: isListItem)
        case .map(let mapping):
            let entries = order.entries(mapping, of: shape)
            if entries.isEmpty { return put(" {}") }
            if isListItem { put(" ") }
            self.mapping(entries, indent: parent + 2, isInline: isListItem)
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
        if isKey || column + text.utf8.count <= Self.width, !text.utf8.contains(UInt8(ascii: "'")) {
            return put(text)
        }
        let scalars = Array(text.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            let isInside = index > 0 && index < scalars.count - 1
            if scalar == " " {
                if !isKey, !wasSpace, column > Self.width, isInside, scalars[index + 1] != " " {
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
        let scalars = Array(text.unicodeScalars)
        var wasSpace = false
        for (index, scalar) in scalars.enumerated() {
            if let escape = ScalarStyle.escape(scalar) {
                put(escape)
                wasSpace = false
            } else if scalar == " ", !isKey, !wasSpace, column > Self.width, index > 0,
                index < scalars.count - 1
            {
                newLine(indent)
                if scalars[index + 1] == " " { put("\\") }
                wasSpace = true
            } else {
                put(scalar)
                wasSpace = scalar == " "
            }
        }
        put("\"")
    }

    private mutating func literal(_ text: String, indent: Int) {
        let bytes = Array(text.utf8)
        let newline = UInt8(ascii: "\n")
        put("|")
        if bytes.first == UInt8(ascii: " ") || bytes.first == newline { put("2") }
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
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
        column = indent
    }

    private mutating func put(_ text: String) {
        let before = output.count
        output += text.utf8
        // Every byte begins a character, but for those that go on with one.
        column += output[before...].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    private mutating func put(_ scalar: UnicodeScalar) {
        output += UTF8.encode(scalar).map(Array.init) ?? []
        column += 1
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
