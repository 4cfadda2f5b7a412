/// A here-document: `[fd]<<[-]WORD` and the lines up to WORD.
package struct Heredoc: Hashable, Sendable {
    /// The terminator, without its quotes.
    package var name: String
    /// The lines as written, each with its newline.
    package var content = ""
    /// No part of WORD is quoted: variables in the content are expanded.
    package var expands: Bool
    /// `<<-`: tabs at the beginning of each line and of the terminator go away.
    package var stripsTabs: Bool
    /// The number before `<<`; 0 when there is none.
    package var fileNumber: Int

    /// The content as the instruction sees it.
    package var text: String {
        guard stripsTabs else { return content }
        return content.utf8.split(separator: ASCII.newline, omittingEmptySubsequences: false)
            .map { String(decoding: $0.drop { $0 == ASCII.tab }, as: UTF8.self) }
            .joined(separator: "\n")
    }

    /// Reads one word that opens a here-document; nil when it does not.
    /// A quote that is not closed is an error.
    package init?(opening word: String) throws(ShellExpansionError) {
        guard let opener = Self.opener(of: word) else { return nil }
        var shell = ShellExpansion()
        shell.keepsUnset = true
        let plain = try shell.expand(opener.rest, { _ in nil }).words
        shell.keepsQuotes = true
        let quoted = try shell.expand(opener.rest, { _ in nil }).words
        guard plain.count == 1, let name = plain.first else { return nil }
        self.name = name
        expands = quoted == plain
        stripsTabs = opener.stripsTabs
        fileNumber = opener.fileNumber
    }

    /// The here-documents that a line opens, in order.
    package static func opened(in line: String) -> [Heredoc] {
        // Most lines have none, and this is asked of each.
        guard line.contains("<<") else { return [] }
        var shell = ShellExpansion()
        shell.keepsUnset = true
        shell.keepsQuotes = true
        shell.keepsEscapes = true
        // A line that the shell cannot take apart opens nothing; the shell itself will complain.
        guard let words = try? shell.expand(line, { _ in nil }).words else { return [] }
        return joiningBareOpeners(words).compactMap {
            // An opener whose quote is not closed cannot come out of the splitting above.
            try? Heredoc(opening: $0)
        }
    }

    /// `<<` and `EOF`, written apart, are one opener.
    static func joiningBareOpeners(_ words: [String]) -> [String] {
        var result: [String] = []
        for word in words {
            if let last = result.last, let opener = opener(of: last), opener.rest.isEmpty {
                result[result.count - 1] = last + " " + word
            } else {
                result.append(word)
            }
        }
        return result
    }

    private static func opener(
        of word: String
    ) -> (fileNumber: Int, stripsTabs: Bool, rest: String)? {
        let digits = word.utf8.prefix(while: ASCII.isDigit)
        var rest = word.utf8.dropFirst(digits.count)
        guard rest.starts(with: "<<".utf8) else { return nil }
        rest = rest.dropFirst(2)
        let stripsTabs = rest.first == ASCII.dash
        if stripsTabs { rest = rest.dropFirst() }
        rest = rest.drop(while: ASCII.isBlank)
        guard !rest.contains(UInt8(ascii: "<")) else { return nil }
        let number = Int(String(decoding: digits, as: UTF8.self)) ?? 0
        return (number, stripsTabs, String(decoding: rest, as: UTF8.self))
    }
}
