import SystemPackage

/// Users and groups by the files of a stage.
struct UserLookup {
    let view: LayeredTree

    /// A passwd or group file larger than this is no such file.
    private static let maximumBytes = 16 << 20

    /// `user[:group]` or `:group`, names or numbers; what is left empty beside the colon is root. Without a colon, a name has the group that `/etc/passwd`
    /// gives it, and a number is its own group: BuildKit's rule for `--chown` and for the folder
    /// that WORKDIR makes. An unknown name is an error, where BuildKit takes root without a word.
    func owner(_ text: String) throws -> FileOwner {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return try user(text) }
        let root = FileOwner(user: 0, group: 0)
        let user = parts[0].isEmpty ? root : try user(String(parts[0]))
        let group =
            parts[1].isEmpty
            ? root.group : try number(String(parts[1]), file: "/etc/group", kind: "group")
        return FileOwner(user: user.user, group: group)
    }

    private func user(_ text: String) throws -> FileOwner {
        if let number = Self.number(text) { return FileOwner(user: number, group: number) }
        let fields = try line(of: text, file: "/etc/passwd")
        guard !text.isEmpty, let fields, fields.count > 3, let user = UInt32(fields[2]),
            let group = UInt32(fields[3])
        else { throw Self.unknown(text, file: "/etc/passwd", kind: "user") }
        return FileOwner(user: user, group: group)
    }

    private func number(_ text: String, file: String, kind: String) throws -> UInt32 {
        if let number = Self.number(text) { return number }
        let fields = try line(of: text, file: file)
        guard !text.isEmpty, let fields, fields.count > 2, let number = UInt32(fields[2]) else {
            throw Self.unknown(text, file: file, kind: kind)
        }
        return number
    }

    private static func number(_ text: String) -> UInt32? {
        text.utf8.allSatisfy(ASCII.isDigit) ? UInt32(text) : nil
    }

    private static func unknown(_ name: String, file: String, kind: String) -> ViewError {
        ViewError("unable to find \(kind) \(name): no matching entries in \(file)")
    }

    private func line(of name: String, file: String) throws -> [Substring]? {
        guard let bytes = try view.readFile(FilePath(file), limit: Self.maximumBytes) else {
            return nil
        }
        for line in bytes.split(separator: ASCII.newline) where line.count < 65_536 {
            let fields = String(decoding: line, as: UTF8.self)
                .split(separator: ":", omittingEmptySubsequences: false)
            if fields[0] == name { return fields }
        }
        return nil
    }
}
