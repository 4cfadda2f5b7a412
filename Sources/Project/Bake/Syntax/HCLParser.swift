/// Reads HCL's native syntax. HCL specification, "hclsyntax"; of it all that bake files use.
///
/// Recursion goes as deep as the text nests, which is bounded; every other cost is linear.
struct HCLParser {
    /// So deep may expressions and blocks be nested.
    static let depthLimit = 64
    /// So many operands may stand in a row, since each of them is one level of what is evaluated.
    static let rowLimit = 200

    let bytes: [UInt8]
    let file: Int
    var offset = 0
    /// Where reading stops: inside a here-document that is its last line.
    var end: Int
    /// Within parentheses and brackets a line's end is a blank like others.
    var ignoresLineEnds = false
    private var depth = 0
    /// The place of everything in a text that was written inside a text of JSON.
    var fixedPlace: BakePlace?

    init(_ bytes: [UInt8], file: Int) {
        self.bytes = bytes
        self.file = file
        end = bytes.count
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The whole file.
    mutating func document() throws(BakeFault) -> HCLBody {
        if let wrong = bytes.firstIndex(of: 0) {
            throw BakeFault(place(at: wrong), "a zero byte: this is no text")
        }
        return try body(isBlock: false)
    }

    private mutating func body(isBlock: Bool) throws(BakeFault) -> HCLBody {
        var body = HCLBody()
        var names: Set<String> = []
        while true {
            skip(lineEnds: true)
            let place = here
            if offset == end {
                if isBlock { throw BakeFault(place, "the file ends inside a block", hint: "add }") }
                return body
            }
            if isBlock, take("}") { return body }
            guard let name = identifier() else {
                throw BakeFault(place, "expected the name of an attribute or a block")
            }
            skip()
            if peek(is: "="), !peek(is: "==") {
                offset += 1
                guard names.insert(name).inserted else {
                    throw BakeFault(place, "\(name) is set twice", hint: "leave one of them")
                }
                let value = try expression()
                body.attributes.append(.init(name: name, value: value, place: place))
            } else {
                body.blocks.append(try block(name, place))
            }
            try lineEnd(isBlock: isBlock)
        }
    }

    private mutating func block(_ type: String, _ place: BakePlace) throws(BakeFault)
        -> HCLBody.Block
    {
        var labels: [HCLBody.Label] = []
        while true {
            skip()
            let place = here
            if take("{") { break }
            if let label = identifier() {
                labels.append(.init(text: label, place: place))
            } else if peek(is: "\"") {
                guard case .literal(.string(let text), _) = try quoted() else {
                    throw BakeFault(place, "a label is a plain text, without ${")
                }
                labels.append(.init(text: text, place: place))
            } else {
                throw BakeFault(place, "expected = or { behind \(type)")
            }
        }
        try deeper()
        defer { depth -= 1 }
        return .init(type: type, labels: labels, body: try body(isBlock: true), place: place)
    }

    /// An attribute or a block ends with its line, or with the block around it.
    private mutating func lineEnd(isBlock: Bool) throws(BakeFault) {
        skip()
        if offset == end || peek(is: "\n") || (isBlock && peek(is: "}")) { return }
        throw BakeFault(here, "expected the end of the line")
    }

    // MARK: What expressions share

    var here: BakePlace { place(at: offset) }

    func place(at offset: Int) -> BakePlace {
        fixedPlace ?? BakePlace(file: file, offset: offset)
    }

    /// Counts one level; whoever calls it takes it back.
    mutating func deeper() throws(BakeFault) {
        guard depth < Self.depthLimit else {
            throw BakeFault(here, "nested more than \(Self.depthLimit) levels deep")
        }
        depth += 1
    }

    mutating func shallower() { depth -= 1 }

    var next: UInt8? { offset < end ? bytes[offset] : nil }

    func peek(is text: StaticString, at distance: Int = 0) -> Bool {
        let start = offset + distance
        guard start + text.utf8CodeUnitCount <= end else { return false }
        for index in 0..<text.utf8CodeUnitCount where text.utf8Start[index] != bytes[start + index]
        {
            return false
        }
        return true
    }

    mutating func take(_ text: StaticString) -> Bool {
        guard peek(is: text) else { return false }
        offset += text.utf8CodeUnitCount
        return true
    }

    mutating func expect(_ text: StaticString, _ purpose: String) throws(BakeFault) {
        skip()
        guard take(text) else { throw BakeFault(here, "expected \(text) \(purpose)") }
    }

    /// Skips blanks and comments, and the ends of lines where they mean nothing.
    mutating func skip(lineEnds: Bool = false) {
        while let byte = next {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): offset += 1
            case UInt8(ascii: "\n") where lineEnds || ignoresLineEnds: offset += 1
            case UInt8(ascii: "#"): skipLine()
            case UInt8(ascii: "/") where peek(is: "//"): skipLine()
            case UInt8(ascii: "/") where peek(is: "/*"):
                offset += 2
                while offset < end, !peek(is: "*/") { offset += 1 }
                offset = min(offset + 2, end)
            default: return
            }
        }
    }

    private mutating func skipLine() {
        while let byte = next, byte != UInt8(ascii: "\n") { offset += 1 }
    }

    /// A name, if there is one here: letters, digits, `_` and `-`, no digit first.
    mutating func identifier() -> String? {
        let start = offset
        while let byte = next, Self.isNamed(byte) || (offset > start && Self.isInside(byte)) {
            offset += 1
        }
        guard offset > start else { return nil }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private static func isNamed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    private static func isInside(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || isDigit(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
