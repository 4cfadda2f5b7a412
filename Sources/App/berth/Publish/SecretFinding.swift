import Glibc

/// A text that looks like a password or a key, found by its form.
struct SecretFinding: CustomStringConvertible {
    /// What it looks like.
    var kind: String
    /// Where it is: `services.web.environment.TOKEN`, or a file.
    var place: String

    /// The value itself is not shown: who is asked knows where it is.
    var description: String { "  \(place): \(kind)" }

    /// nil where nothing looks like one.
    init?(_ text: String, at place: String) {
        guard let kind = Self.kind(of: text, named: place) else { return nil }
        self.kind = kind
        self.place = place
    }

    private static func kind(of text: String, named place: String) -> String? {
        if text.contains("-----BEGIN "), text.contains("PRIVATE KEY") { return "private key" }
        for word in text.split(whereSeparator: { !isPart($0) }) {
            let letters = word.utf8
            if letters.count == 20, ["AKIA", "ASIA"].contains(word.prefix(4)),
                word.allSatisfy({ $0.isUppercase || $0.isNumber })
            {
                return "access key of AWS"
            }
            if letters.count >= 40, word.hasPrefix("gh"), word.dropFirst(3).hasPrefix("_") {
                return "token of GitHub"
            }
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            if parts.count == 3, parts[0].hasPrefix("eyJ"), parts[1].hasPrefix("eyJ") {
                return "JSON web token"
            }
        }
        if hasPassword(text) { return "address with a password" }
        let name = place.lowercased()
        let isCalledSo = ["password", "passwd", "secret", "token", "api_key", "apikey"].contains {
            name.contains($0)
        }
        return isCalledSo && looksRandom(text) ? "random text of such a name" : nil
    }

    private static func isPart(_ letter: Character) -> Bool {
        letter.isLetter || letter.isNumber || "_-.".contains(letter)
    }

    /// `scheme://user:password@host`
    private static func hasPassword(_ text: String) -> Bool {
        guard let scheme = text.firstRange(of: "://") else { return false }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" && !$0.isWhitespace }
        guard let end = authority.lastIndex(of: "@") else { return false }
        let user = authority[..<end].split(
            separator: ":",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        return user.count == 2 && !user[1].isEmpty && !user[1].hasPrefix("$")
    }

    /// At least three bits in each of sixteen characters or more, none of them a blank.
    private static func looksRandom(_ text: String) -> Bool {
        guard text.utf8.count >= 16, !text.contains(where: \.isWhitespace), !text.contains("${")
        else { return false }
        var counts: [UInt8: Double] = [:]
        for byte in text.utf8 { counts[byte, default: 0] += 1 }
        let total = Double(text.utf8.count)
        let bits = counts.values.reduce(0) { $0 - $1 / total * log2($1 / total) }
        return bits >= 3
    }
}
