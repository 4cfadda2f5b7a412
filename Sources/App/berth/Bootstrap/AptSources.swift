/// Where this machine's apt gets its packages, so that an image is made from the same mirror.
/// sources.list(5): lines of one form, stanzas of the other.
struct AptSources: Equatable {
    struct Entry: Equatable {
        var address: String
        var suites: [String]
    }

    var entries: [Entry] = []

    /// Reads `sources.list` and its like; deb-src and what is switched off is left out.
    mutating func addLines(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            var words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard words.first == "deb" else { continue }
            words.removeFirst()
            // `[arch=amd64 signed-by=/a/path]`
            if words.first?.hasPrefix("[") == true {
                guard let end = words.firstIndex(where: { $0.hasSuffix("]") }) else { continue }
                words.removeSubrange(...end)
            }
            guard words.count >= 2 else { continue }
            entries.append(Entry(address: String(words[0]), suites: [String(words[1])]))
        }
    }

    /// Reads a `.sources` file.
    mutating func addStanzas(_ text: String) {
        var stanza: [String: [String]] = [:]
        var key = ""
        func finish(_ entries: inout [Entry]) {
            defer { stanza = [:] }
            guard stanza["types", default: []].contains("deb"),
                stanza["enabled"]?.first?.lowercased() != "no"
            else { return }
            for address in stanza["uris", default: []] {
                entries.append(Entry(address: address, suites: stanza["suites", default: []]))
            }
        }
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.first == "#" { continue }
            guard line.contains(where: { !$0.isWhitespace }) else {
                finish(&entries)
                continue
            }
            if line.first?.isWhitespace == true {
                stanza[key, default: []] += Self.words(line)
            } else if let colon = line.firstIndex(of: ":") {
                key = line[..<colon].lowercased()
                stanza[key] = Self.words(line[line.index(after: colon)...])
            }
        }
        finish(&entries)
    }

    private static func words(_ text: Substring) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// The mirror of a distribution: that of the suite itself, else any of the distribution.
    func mirror(of distribution: BootstrapRecipe.Distribution, suite: String) -> String? {
        let mirrors = entries.compactMap { entry -> (String, Entry)? in
            var address = entry.address
            while address.hasSuffix("/") { address.removeLast() }
            guard address.hasPrefix("http://") || address.hasPrefix("https://"),
                address.split(separator: "/").last.map(String.init) == distribution.rawValue
            else { return nil }
            return (address, entry)
        }
        return (mirrors.first { $0.1.suites.contains(suite) } ?? mirrors.first)?.0
    }
}
