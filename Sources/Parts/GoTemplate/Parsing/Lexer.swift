import TextForms

/// Cuts a template into words. Go's text/template/parse, lex.go.
struct Lexer {
    /// Bytes of the whole template.
    private let bytes: [UInt8]
    private let name: String
    private var offset = 0
    private var depth = 0
    private var tokens: [Token] = []

    static func tokens(of text: String, name: String) throws(TemplateError) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8), name: name)
        try lexer.readAll()
        return lexer.tokens
    }

    private init(bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    private mutating func readAll() throws(TemplateError) {
        while offset < bytes.count {
            let start = offset
            while offset < bytes.count, !at("{{") { offset += 1 }
            var end = offset
            let opens = offset < bytes.count
            let trims =
                opens && offset + 3 < bytes.count && bytes[offset + 2] == UInt8(ascii: "-")
                && isSpace(bytes[offset + 3])
            if trims { while end > start, isSpace(bytes[end - 1]) { end -= 1 } }
            if end > start { emit(.text, start, end) }
            guard opens else { break }
            offset += 2
            if trims { offset += 2 }
            if at("/*") {
                try skipComment()
            } else {
                tokens.append(Token(kind: .open, text: "{{", position: start))
                try readAction()
            }
        }
        tokens.append(Token(kind: .end, text: "EOF", position: bytes.count))
    }

    /// After `/*` has been seen.
    private mutating func skipComment() throws(TemplateError) {
        let start = offset
        while offset < bytes.count, !at("*/") { offset += 1 }
        guard offset < bytes.count else { throw error("unclosed comment", at: start) }
        offset += 2
        guard let trims = closing() else {
            throw error("comment ends before closing delimiter", at: start)
        }
        close(trims)
    }

    private mutating func readAction() throws(TemplateError) {
        depth = 0
        while true {
            if let trims = closing() {
                guard depth == 0 else { throw error("unclosed left paren", at: offset) }
                tokens.append(Token(kind: .close, text: "}}", position: offset))
                close(trims)
                return
            }
            guard offset < bytes.count else { throw error("unclosed action", at: offset) }
            try readWord()
        }
    }

    /// Whether an action closes here, and whether it takes the space behind it away; nil if not.
    private func closing() -> Bool? {
        if at("}}") { return false }
        var ahead = offset
        while ahead < bytes.count, isSpace(bytes[ahead]) { ahead += 1 }
        return ahead > offset && has("-}}", at: ahead) ? true : nil
    }

    private mutating func close(_ trims: Bool) {
        if trims {
            while offset < bytes.count, isSpace(bytes[offset]) { offset += 1 }
            offset += 1
        }
        offset += 2
        if trims { while offset < bytes.count, isSpace(bytes[offset]) { offset += 1 } }
    }

    private mutating func readWord() throws(TemplateError) {
        let start = offset
        let byte = bytes[offset]
        switch byte {
        case _ where isSpace(byte):
            while offset < bytes.count, isSpace(bytes[offset]), closing() == nil { offset += 1 }
            emit(.space, start, offset)
        case UInt8(ascii: "="): single(.assign)
        case UInt8(ascii: "|"): single(.pipe)
        case UInt8(ascii: ","): single(.comma)
        case UInt8(ascii: "("):
            depth += 1
            single(.leftParenthesis)
        case UInt8(ascii: ")"):
            depth -= 1
            guard depth >= 0 else { throw error("unexpected right paren", at: start) }
            single(.rightParenthesis)
        case UInt8(ascii: ":"):
            guard at(":=") else { throw error("expected :=", at: start) }
            offset += 2
            emit(.declare, start, offset)
        case UInt8(ascii: "\""): try quoted(byte, .string, "unterminated quoted string")
        case UInt8(ascii: "'"): try quoted(byte, .character, "unterminated character constant")
        case UInt8(ascii: "`"):
            offset += 1
            while offset < bytes.count, bytes[offset] != byte { offset += 1 }
            guard offset < bytes.count else {
                throw error("unterminated raw quoted string", at: start)
            }
            offset += 1
            emit(.rawString, start, offset)
        case UInt8(ascii: "$"): try name(.variable, from: start)
        case UInt8(ascii: "."):
            let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
            if (48...57).contains(next) {
                try number()
            } else if isWord(next) {
                try name(.field, from: start)
            } else {
                single(.dot)
            }
        case 48...57, UInt8(ascii: "+"), UInt8(ascii: "-"): try number()
        case _ where isWord(byte): try name(.identifier, from: start)
        default:
            let character = String(decoding: bytes[offset...].prefix(4), as: UTF8.self).first
            throw error(
                "unrecognized character in action: \(GoQuote.unicode(character ?? "?"))",
                at: start
            )
        }
    }

    /// `.Field`, `$name`, `word`.
    private mutating func name(_ kind: Token.Kind, from start: Int) throws(TemplateError) {
        if kind != .identifier { offset += 1 }
        while offset < bytes.count, isWord(bytes[offset]) { offset += 1 }
        try checkEnd(start)
        let word = String(decoding: bytes[start..<offset], as: UTF8.self)
        var kind = kind
        if kind == .identifier {
            kind =
                Token.keywords.contains(word)
                ? .keyword
                : word == "nil" ? .null : ["true", "false"].contains(word) ? .bool : .identifier
        }
        tokens.append(Token(kind: kind, text: word, position: start))
    }

    private mutating func number() throws(TemplateError) {
        let start = offset
        if [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[offset]) { offset += 1 }
        while offset < bytes.count {
            let byte = bytes[offset]
            let before = bytes[offset - 1] | 32
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            guard
                isWord(byte) && byte < 128 || byte == UInt8(ascii: ".")
                    || isSign && offset > start
                        && [UInt8(ascii: "e"), UInt8(ascii: "p")].contains(before)
            else { break }
            offset += 1
        }
        try checkEnd(start)
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard GoNumber.value(text) != nil else {
            throw error("bad number syntax: \(GoQuote.quoted(text))", at: start)
        }
        emit(.number, start, offset)
    }

    private mutating func quoted(
        _ quote: UInt8,
        _ kind: Token.Kind,
        _ complaint: String
    ) throws(TemplateError) {
        let start = offset
        offset += 1
        while offset < bytes.count, bytes[offset] != quote {
            guard bytes[offset] != 10 else { throw error(complaint, at: start) }
            offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard offset < bytes.count else { throw error(complaint, at: start) }
        offset += 1
        emit(kind, start, offset)
    }

    /// What may follow a word.
    private func checkEnd(_ start: Int) throws(TemplateError) {
        guard offset < bytes.count, !isSpace(bytes[offset]), !at("}}"),
            !".,|:=()".utf8.contains(bytes[offset])
        else { return }
        let character = String(decoding: bytes[offset...].prefix(4), as: UTF8.self).first ?? "?"
        throw error("bad character \(GoQuote.unicode(character))", at: start)
    }

    private mutating func single(_ kind: Token.Kind) {
        offset += 1
        emit(kind, offset - 1, offset)
    }

    private mutating func emit(_ kind: Token.Kind, _ start: Int, _ end: Int) {
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        tokens.append(Token(kind: kind, text: text, position: start))
    }

    private func at(_ word: StaticString) -> Bool { has(word, at: offset) }

    private func has(_ word: StaticString, at place: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[place + $0] == word.utf8Start[$0] }
    }

    private func isSpace(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }

    private func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == 95 || byte >= 128
    }

    private func error(_ message: String, at place: Int) -> TemplateError {
        let line = 1 + bytes.prefix(place).count { $0 == 10 }
        return TemplateError("template: \(name):\(line): \(message)")
    }
}
