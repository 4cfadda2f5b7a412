extension ComposeLoader {
    /// The services that the files of a project name, in reading order, whatever else is wrong with
    /// the files: for a shell's completion, which has to go on while somebody is still writing.
    ///
    /// It reads lines, not YAML: names beneath `services:` in the block form.
    package func outlinedServices(_ options: LoadOptions) -> [String] {
        var session = LoadSession(files: files, options: options, limits: limits)
        let environment = session.initialEnvironment()
        var names: [String] = []
        for path in session.configFiles(environment) where path != "-" {
            // What cannot be read names nothing.
            guard files.kind(of: path) == .file, let bytes = try? files.read(path) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            names += Self.services(in: text).filter { !names.contains($0) }
        }
        return names
    }

    /// The keys one step beneath the top level's `services:`.
    private static func services(in text: String) -> [String] {
        var names: [String] = []
        var depth: Int?
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.drop { $0 == " " }
            guard let first = content.first, first != "#" else { continue }
            let indent = line.count - content.count
            guard indent > 0 else {
                isInside = line.hasPrefix("services:")
                continue
            }
            guard isInside else { continue }
            if depth == nil { depth = indent }
            guard indent == depth, let name = key(of: content) else { continue }
            names.append(name)
        }
        return names
    }

    /// `web` of `web:`, `"web": {}` and `web: # the shop`; nil for what is no name of a service.
    private static func key(of line: Substring) -> String? {
        let quotes = line.first.map { "\"'".contains($0) } ?? false
        let start = quotes ? line.dropFirst() : line
        let name = start.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        var rest = start[name.endIndex...]
        if quotes {
            guard rest.first == line.first else { return nil }
            rest.removeFirst()
        }
        rest = rest.drop { $0 == " " }
        guard !name.isEmpty, rest.first == ":" else { return nil }
        return String(name)
    }
}
