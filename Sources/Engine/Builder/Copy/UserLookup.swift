import SystemPackage

/// Users and groups by the files of a stage.
struct UserLookup {
    let view: LayeredTree

    /// A passwd or group file larger than this is no such file.
    private static let maximumBytes = 16 << 20

    /// `user[:group]`, names or numbers. Without a group it is the number of the user.
    func owner(_ text: String) throws -> FileOwner {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = try number(String(parts[0]), file: "/etc/passwd", kind: "user")
        guard parts.count > 1 else { return FileOwner(user: user, group: user) }
        let group = try number(String(parts[1]), file: "/etc/group", kind: "group")
        return FileOwner(user: user, group: group)
    }

    /// The user of the stage, as the processes of RUN would have it: without a group the one that
    /// `/etc/passwd` says.
    func processOwner(_ text: String) throws -> FileOwner {
        if text.isEmpty { return .root }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1 { return try owner(text) }
        let fields = try line(of: text, file: "/etc/passwd", allowsNumber: true)
        if let fields, fields.count > 3, let user = UInt32(fields[2]), let group = UInt32(fields[3])
        {
            return FileOwner(user: user, group: group)
        }
        return FileOwner(
            user: try number(text, file: "/etc/passwd", kind: "user"),
            group: 0
        )
    }

    private func number(_ text: String, file: String, kind: String) throws -> UInt32 {
        if let number = UInt32(text), text.utf8.allSatisfy(ASCII.isDigit) { return number }
        let fields = try line(of: text, file: file, allowsNumber: false)
        guard !text.isEmpty, let fields, fields.count > 2, let number = UInt32(fields[2]) else {
            throw ViewError("unable to find \(kind) \(text): no matching entries in \(file)")
        }
        return number
    }

    private func line(
        of name: String,
        file: String,
        allowsNumber: Bool
    ) throws -> [Substring]? {
        guard let bytes = try view.readFile(FilePath(file), limit: Self.maximumBytes) else {
            return nil
        }
        for line in bytes.split(separator: ASCII.newline) where line.count < 65_536 {
            let fields = String(decoding: line, as: UTF8.self)
                .split(separator: ":", omittingEmptySubsequences: false)
            if fields[0] == name || allowsNumber && fields.count > 2 && fields[2] == name {
                return fields
            }
        }
        return nil
    }
}
