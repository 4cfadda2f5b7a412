extension HCLParser {
    /// A text in quotes.
    mutating func quoted() throws(BakeFault) -> HCLExpression {
        let place = here
        offset += 1
        var form = TemplateForm(isQuoted: true)
        let parts = try template(&form, place)
        guard take("\"") else {
            throw BakeFault(
                place,
                "a text in quotes ends on its line",
                hint: "close it with \", write \\n for a line's end, or use a here-document (<<EOT)"
            )
        }
        return Self.expression(of: parts, place)
    }

    /// `<<EOT` and `<<-EOT`, from behind the operator to the line that says EOT.
    mutating func hereDocument() throws(BakeFault) -> HCLExpression {
        let place = here
        offset += 2
        let isIndented = take("-")
        guard let word = identifier() else {
            throw BakeFault(here, "expected the word that ends the here-document")
        }
        _ = take("\r")
        guard take("\n") else {
            throw BakeFault(here, "expected the end of the line behind <<\(word)")
        }
        let (start, wanted) = (offset, Array(word.utf8))
        var indentation = Int.max
        while true {
            guard offset < end else {
                throw BakeFault(place, "the here-document has no line that says \(word) alone")
            }
            let line = lineContent()
            let text = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            if text.elementsEqual(wanted) { break }
            if !text.isEmpty { indentation = min(indentation, line.count - text.count) }
            offset = min(line.endIndex + 1, end)
            while offset < end, bytes[offset - 1] != UInt8(ascii: "\n") { offset += 1 }
        }
        let (last, outerEnd, outerLines) = (offset, end, ignoresLineEnds)
        (offset, end) = (start, last)
        defer { (end, ignoresLineEnds) = (outerEnd, outerLines) }
        var form = TemplateForm(isQuoted: false)
        if isIndented, indentation != .max { form.indentation = indentation }
        let parts = try template(&form, place)
        guard offset == last else { throw BakeFault(here, "this directive has no beginning") }
        end = outerEnd
        skipBlanksOfLine()
        offset += wanted.count
        return Self.expression(of: parts, place, isQuoted: false)
    }

    /// The whole text, which another syntax has already taken out of its quotes.
    mutating func bareTemplate() throws(BakeFault) -> HCLExpression {
        let place = here
        var form = TemplateForm(isQuoted: false)
        let parts = try template(&form, place)
        guard offset == end else { throw BakeFault(here, "this directive has no beginning") }
        return Self.expression(of: parts, place)
    }

    /// The rest of the line, without its end.
    private func lineContent() -> ArraySlice<UInt8> {
        let stop = bytes[offset..<end].firstIndex(of: UInt8(ascii: "\n")) ?? end
        let line = bytes[offset..<stop]
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    private mutating func skipBlanksOfLine() {
        while let byte = next, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
            offset += 1
        }
    }

    private static func expression(
        of parts: [TemplatePart],
        _ place: BakePlace,
        isQuoted: Bool = true
    ) -> HCLExpression {
        switch parts.count {
        case 0: return .literal(.string(""), place)
        case 1:
            if case .text(let text) = parts[0] { return .literal(.string(text), place) }
            // A text that is nothing but one value is that value, whatever its type.
            if isQuoted, case .value(let value) = parts[0] { return value }
        default: break
        }
        return .template(parts, place)
    }

    /// How a template is written, and what its parts hand to each other.
    struct TemplateForm {
        var isQuoted: Bool
        /// So many blanks go at the beginning of each line.
        var indentation = 0
        /// `~}`: blanks that follow go.
        var trims = false

        init(isQuoted: Bool) { self.isQuoted = isQuoted }
    }

    /// Parts up to the closing quote, the end, or a directive that ends what is around it; that
    /// directive is not taken.
    private mutating func template(
        _ form: inout TemplateForm,
        _ start: BakePlace
    ) throws(BakeFault) -> [TemplatePart] {
        var parts: [TemplatePart] = []
        var text: [UInt8] = []
        var startsLine = !form.isQuoted && (offset == 0 || bytes[offset - 1] == UInt8(ascii: "\n"))
        func flush() {
            guard !text.isEmpty else { return }
            parts.append(.text(String(decoding: text, as: UTF8.self)))
            text = []
        }
        while let byte = next {
            if startsLine, form.indentation > 0 {
                var left = form.indentation
                while left > 0, let blank = next, blank == 32 || blank == 9 {
                    offset += 1
                    left -= 1
                }
                startsLine = false
                continue
            }
            startsLine = false
            if form.isQuoted, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n") { break }
            if peek(is: "$${") || peek(is: "%%{") {
                text += bytes[offset + 1..<offset + 3]
                (offset, form.trims) = (offset + 3, false)
            } else if peek(is: "${") {
                if peek(is: "${~") { Self.trimEnd(&text) }
                flush()
                parts.append(.value(try interpolation(&form)))
            } else if peek(is: "%{") {
                if closesDirective { break }
                if peek(is: "%{~") { Self.trimEnd(&text) }
                flush()
                parts.append(try directive(&form, start))
            } else if form.trims, byte <= UInt8(ascii: " ") {
                offset += 1
                if byte == UInt8(ascii: "\n") { startsLine = true }
            } else if form.isQuoted, byte == UInt8(ascii: "\\") {
                text += try escape()
                form.trims = false
            } else {
                form.trims = false
                text.append(byte)
                offset += 1
                startsLine = byte == UInt8(ascii: "\n")
            }
        }
        // `%{~ endif }`
        if peek(is: "%{~") { Self.trimEnd(&text) }
        flush()
        return parts
    }

    private static func trimEnd(_ text: inout [UInt8]) {
        while let last = text.last, last <= UInt8(ascii: " ") { text.removeLast() }
    }

    private mutating func interpolation(_ form: inout TemplateForm) throws(BakeFault)
        -> HCLExpression
    {
        let place = here
        offset += 2
        _ = take("~")
        let value = try inBraces(place) { parser throws(BakeFault) in try parser.expression() }
        form.trims = bytes[offset - 2] == UInt8(ascii: "~")
        return value
    }

    /// What stands between `${` or `%{` and `}`, that included.
    private mutating func inBraces<R>(
        _ place: BakePlace,
        _ body: (inout HCLParser) throws(BakeFault) -> R
    ) throws(BakeFault) -> R {
        try deeper()
        let outer = ignoresLineEnds
        ignoresLineEnds = true
        defer {
            ignoresLineEnds = outer
            shallower()
        }
        let result = try body(&self)
        skip()
        _ = take("~")
        guard take("}") else { throw BakeFault(place, "this has no } that closes it") }
        return result
    }

    /// The word of the directive that begins here.
    private var directiveWord: String? {
        var copy = self
        copy.offset += 2
        _ = copy.take("~")
        copy.skip(lineEnds: true)
        return copy.identifier()
    }

    private var closesDirective: Bool {
        ["else", "endif", "endfor"].contains(directiveWord)
    }

    private mutating func directive(
        _ form: inout TemplateForm,
        _ start: BakePlace
    ) throws(BakeFault) -> TemplatePart {
        let place = here
        let word = directiveWord
        offset += 2
        _ = take("~")
        try deeper()
        defer { shallower() }
        switch word {
        case "if":
            let condition = try inBraces(place) { parser throws(BakeFault) in
                parser.skip()
                _ = parser.identifier()
                return try parser.expression()
            }
            form.trims = bytes[offset - 2] == UInt8(ascii: "~")
            let then = try template(&form, start)
            var otherwise: [TemplatePart] = []
            if directiveWord == "else" {
                try closing("else", of: place, &form)
                otherwise = try template(&form, start)
            }
            try closing("endif", of: place, &form)
            return .condition(condition, then: then, otherwise: otherwise)
        case "for":
            let (key, value, collection) = try inBraces(place) { parser throws(BakeFault) in
                try parser.loopHead()
            }
            form.trims = bytes[offset - 2] == UInt8(ascii: "~")
            let parts = try template(&form, start)
            try closing("endfor", of: place, &form)
            return .loop(keyName: key, valueName: value, collection, parts)
        default:
            throw BakeFault(place, "a directive is %{ if … } or %{ for … }")
        }
    }

    private mutating func closing(
        _ word: String,
        of place: BakePlace,
        _ form: inout TemplateForm
    ) throws(BakeFault) {
        guard peek(is: "%{"), directiveWord == word else {
            throw BakeFault(place, "this directive has no %{ \(word) }")
        }
        offset += 2
        _ = take("~")
        try inBraces(place) { parser throws(BakeFault) in
            parser.skip()
            _ = parser.identifier()
        }
        form.trims = bytes[offset - 2] == UInt8(ascii: "~")
    }

    /// An escape of a text in quotes.
    private mutating func escape() throws(BakeFault) -> [UInt8] {
        let place = here
        offset += 1
        guard let byte = next else { throw BakeFault(place, "the file ends in an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = byte == UInt8(ascii: "u") ? 4 : 8
            guard offset + count <= end,
                let value = UInt32(
                    String(decoding: bytes[offset..<offset + count], as: UTF8.self),
                    radix: 16
                ), let scalar = Unicode.Scalar(value)
            else {
                throw BakeFault(place, "\\u takes 4 and \\U 8 hexadecimal digits of a character")
            }
            offset += count
            return Array(String(Character(scalar)).utf8)
        default:
            throw BakeFault(
                place,
                "this escape is not known",
                hint: "write \\n, \\r, \\t, \\\", \\\\, \\u0041 or \\U00000041"
            )
        }
    }
}
