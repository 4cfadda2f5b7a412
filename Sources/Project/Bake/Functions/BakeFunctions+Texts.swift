import FoundationEssentials
import OCI
import TextForms

extension BakeFunctions {
    static let texts: [String: Function] = [
        "lower": .init(1...1) { a throws(BakeFault) in .string(try a.text(0).lowercased()) },
        "upper": .init(1...1) { a throws(BakeFault) in .string(try a.text(0).uppercased()) },
        "title": .init(1...1) { a throws(BakeFault) in .string(title(try a.text(0))) },
        "strlen": .init(1...1) { a throws(BakeFault) in .number(Double(try a.text(0).count)) },
        "reverse": .init(1...1) { a throws(BakeFault) in .string(String(try a.text(0).reversed()))
        },
        "chomp": .init(1...1) { a throws(BakeFault) in
            .string(trimmed(try a.text(0), from: .end) { $0.isNewline })
        },
        "trimspace": .init(1...1) { a throws(BakeFault) in
            .string(trimmed(try a.text(0), from: .both) { $0.isWhitespace })
        },
        "trim": .init(2...2) { a throws(BakeFault) in
            let set = Set(try a.text(1))
            return .string(trimmed(try a.text(0), from: .both) { set.contains($0) })
        },
        "trimprefix": .init(2...2) { a throws(BakeFault) in
            let (text, prefix) = (try a.text(0), try a.text(1))
            return .string(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
        },
        "trimsuffix": .init(2...2) { a throws(BakeFault) in
            let (text, suffix) = (try a.text(0), try a.text(1))
            return .string(text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text)
        },
        "replace": .init(3...3) { a throws(BakeFault) in
            .string(replacing(try a.text(0), try a.text(1), with: try a.text(2)))
        },
        "substr": .init(3...3) { a throws(BakeFault) in try substring(a) },
        "indent": .init(2...2) { a throws(BakeFault) in
            let count = try a.whole(0)
            guard (0...1000).contains(count) else { throw a.fault("at most 1000 blanks") }
            let blanks = "\n" + String(repeating: " ", count: count)
            return .string(replacing(try a.text(1), "\n", with: blanks))
        },
        "split": .init(2...2) { a throws(BakeFault) in
            let (separator, text) = (try a.text(0), try a.text(1))
            return .list(parts(of: text, by: separator).map { .string($0) })
        },
        "join": .init(2...(.max)) { a throws(BakeFault) in
            var all: [String] = []
            for index in a.values.indices.dropFirst() { all += try a.texts(index) }
            return .string(all.joined(separator: try a.text(0)))
        },
        "format": .init(1...(.max)) { a throws(BakeFault) in
            .string(try format(try a.text(0), Array(a.values.dropFirst()), a))
        },
        "formatlist": .init(1...(.max)) { a throws(BakeFault) in try formatList(a) },
        "sanitize": .init(1...1) { a throws(BakeFault) in
            let kept = try a.text(0).map { character in
                character.isASCII && (character.isLetter || character.isNumber)
                    || character == "-" || character == "_" ? character : "_"
            }
            return .string(String(kept))
        },
        "urlencode": .init(1...1) { a throws(BakeFault) in .string(queryEscaped(try a.text(0))) },
        "base64encode": .init(1...1) { a throws(BakeFault) in
            .string(Data(try a.text(0).utf8).base64EncodedString())
        },
        "base64decode": .init(1...1) { a throws(BakeFault) in
            guard let data = Data(base64Encoded: try a.text(0)) else {
                throw a.fault("this is not base64")
            }
            return .string(String(decoding: data, as: UTF8.self))
        },
        "sha256": .init(1...1) { a throws(BakeFault) in
            .string(Digest.of(try a.text(0).utf8).hex)
        },
        "jsonencode": .init(1...1) { a throws(BakeFault) in .string(compact(a.values[0].json)) },
        "jsondecode": .init(1...1) { a throws(BakeFault) in
            do {
                return BakeValue(try JSONValue(parsing: Array(try a.text(0).utf8)))
            } catch let error as BakeFault {
                throw error
            } catch {
                throw a.fault("this is not JSON: \(error)")
            }
        },
        "basename": .init(1...1) { a throws(BakeFault) in
            .string(lastPart(of: try a.text(0)))
        },
        "dirname": .init(1...1) { a throws(BakeFault) in .string(folder(of: try a.text(0))) },
        "timestamp": .init(0...0) { a throws(BakeFault) in
            .string(RFC3339.text(nanoseconds: a.now, fraction: .none))
        },
        "formatdate": .init(2...2) { a throws(BakeFault) in
            guard let time = RFC3339.parse(try a.text(1)) else {
                throw a.fault("write a time as 2006-01-02T15:04:05Z")
            }
            return .string(try BakeDate(nanoseconds: time).text(try a.text(0), a))
        },
        "homedir": .init(0...0) { a throws(BakeFault) in
            throw a.fault("it is not carried out; pass HOME as a variable: variable \"HOME\" {}")
        },
    ]

    private enum Side { case end, both }

    private static func trimmed(
        _ text: String,
        from side: Side,
        _ goes: (Character) -> Bool
    ) -> String {
        var rest = text[...]
        while let last = rest.last, goes(last) { rest.removeLast() }
        if side == .both { rest = rest.drop(while: goes) }
        return String(rest)
    }

    private static func title(_ text: String) -> String {
        var startsWord = true
        return String(
            text.map { character -> String in
                defer {
                    startsWord = !(character.isLetter || character.isNumber || character == "_")
                }
                return startsWord ? character.uppercased() : String(character)
            }.joined()
        )
    }

    static func parts(of text: String, by separator: String) -> [String] {
        guard !separator.isEmpty else { return text.map { String($0) } }
        let (bytes, wanted) = (Array(text.utf8), Array(separator.utf8))
        var (parts, start, index) = ([String](), 0, 0)
        while index + wanted.count <= bytes.count {
            guard bytes[index..<index + wanted.count].elementsEqual(wanted) else {
                index += 1
                continue
            }
            parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
            index += wanted.count
            start = index
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    private static func replacing(_ text: String, _ old: String, with new: String) -> String {
        old.isEmpty ? text : parts(of: text, by: old).joined(separator: new)
    }

    private static func substring(_ a: BakeArguments) throws(BakeFault) -> BakeValue {
        let characters = Array(try a.text(0))
        var start = try a.whole(1)
        let length = try a.whole(2)
        if start < 0 { start += characters.count }
        guard start >= 0, start <= characters.count else { return .string("") }
        let rest = characters[start...]
        return .string(String(length < 0 ? rest : rest.prefix(length)))
    }

    private static func queryEscaped(_ text: String) -> String {
        text.utf8.map { byte -> String in
            let scalar = Unicode.Scalar(byte)
            let isKept =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || (48...57).contains(byte)
                    || "-_.~".unicodeScalars.contains(scalar))
            if isKept { return String(Character(scalar)) }
            if byte == 32 { return "+" }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    /// JSON in one line, as Go writes it.
    static func compact(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements): "[" + elements.map { compact($0) }.joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { member in
                    JSONString.quoted(member.name, escapesHTML: true) + ":" + compact(member.value)
                }.joined(separator: ",") + "}"
        case .string(let text): JSONString.quoted(text, escapesHTML: true)
        default: value.text()
        }
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? (path.hasPrefix("/") ? "/" : ".")
    }

    private static func folder(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        let root = path.hasPrefix("/") ? "/" : ""
        return parts.isEmpty ? (root.isEmpty ? "." : root) : root + parts.joined(separator: "/")
    }
}
