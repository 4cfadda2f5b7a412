/// One way of authenticating that a server offers, RFC 9110, 11.6.1.
struct Challenge: Hashable {
    /// Lower case: `bearer`, `basic`.
    var scheme: String
    /// Names in lower case.
    var parameters: [String: String]

    /// Reads the values of all `WWW-Authenticate` headers; what is malformed is left out.
    static func parse(_ headers: [String]) -> [Challenge] {
        headers.flatMap { header in
            var reader = ChallengeReader(rest: header[...])
            return reader.challenges()
        }
    }
}

/// Takes a header value apart from left to right.
private struct ChallengeReader {
    var rest: Substring

    mutating func challenges() -> [Challenge] {
        var result: [Challenge] = []
        while true {
            skip { $0 == "," || $0 == " " || $0 == "\t" }
            guard let word = token() else { return result }
            let afterWord = rest
            skip { $0 == " " || $0 == "\t" }
            // `name=value` belongs to the challenge before; a word alone begins the next one.
            if rest.first == "=" {
                rest = rest.dropFirst()
                guard let value = value() else { return result }
                if !result.isEmpty {
                    result[result.count - 1].parameters[word.lowercased()] = value
                }
            } else {
                rest = afterWord
                result.append(Challenge(scheme: word.lowercased(), parameters: [:]))
            }
        }
    }

    private mutating func skip(_ matches: (Character) -> Bool) { rest = rest.drop(while: matches) }

    private mutating func token() -> String? {
        let token = rest.prefix { $0.isASCII && !"=,\" \t()<>@;\\".contains($0) }
        guard !token.isEmpty else { return nil }
        rest = rest[token.endIndex...]
        return String(token)
    }

    private mutating func value() -> String? {
        skip { $0 == " " || $0 == "\t" }
        guard rest.first == "\"" else { return token() }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                value.append(next)
            default: value.append(character)
            }
        }
        return nil
    }
}
