package import Linux

/// Who a process is inside its container: `user[:group]` of the image or the file, resolved.
package struct UserIdentity: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    /// Everything for setgroups(2), the primary group first; nothing of ours is inherited.
    package var groups: [UInt32]
    /// The user's folder in the container's `/etc/passwd`, else `/`.
    package var home: String

    /// Resolves `user`, `user:group`, `uid`, `uid:gid`, `:group` or nothing (0:0), and the groups of
    /// compose-spec `group_add`, in the `/etc/passwd` and `/etc/group` beneath a root.
    ///
    /// As Docker: a user without a group takes the group of its entry and the memberships that
    /// `/etc/group` lists for its name; a number without an entry has group 0; a written group
    /// replaces both. What consists of digits is a number and never a name.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    package init(
        _ user: String,
        additionalGroups: [String] = [],
        beneath root: Root
    ) throws(RuntimeError) {
        try self.init(user, additionalGroups: additionalGroups, in: UserDatabase(beneath: root))
    }

    init(
        _ text: String,
        additionalGroups: [String],
        in database: UserDatabase
    ) throws(RuntimeError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let userPart = String(parts.first ?? "")
        let groupPart = parts.count > 1 ? String(parts[1]) : ""
        let user = try IdentityWord(userPart.isEmpty ? "0" : userPart, of: "user")
        let entry = try database.user(user)
        switch user {
        case .number(let number): uid = entry?.uid ?? number
        case .name(let name):
            guard let entry else { throw Self.missing("user", name, in: "/etc/passwd") }
            uid = entry.uid
        }
        home = entry.map { $0.home.isEmpty ? "/" : $0.home } ?? "/"
        var members: [UInt32] = []
        if groupPart.isEmpty {
            gid = entry?.gid ?? 0
            if let entry { members = try database.memberships(of: entry.name) }
        } else {
            gid = try Self.group(groupPart, in: database)
        }
        for group in additionalGroups { members.append(try Self.group(group, in: database)) }
        groups = [gid]
        var known = Set(groups)
        for group in members where known.insert(group).inserted { groups.append(group) }
    }

    private static func group(
        _ text: String,
        in database: UserDatabase
    ) throws(RuntimeError) -> UInt32 {
        switch try IdentityWord(text, of: "group") {
        case .number(let number): return number
        case .name(let name):
            guard let gid = try database.group(named: name) else {
                throw missing("group", name, in: "/etc/group")
            }
            return gid
        }
    }

    private static func missing(_ kind: String, _ name: String, in file: String) -> RuntimeError {
        RuntimeError(
            container: "",
            message: "no \(kind) \"\(name)\" in the container's \(file)",
            hint: "use its number, or add it to the image"
        )
    }
}

/// A user or group as written: decided by its form alone, before any file is read.
enum IdentityWord: Hashable, Sendable {
    case number(UInt32)
    case name(String)

    /// Decimal digits only are a number up to 2³² − 2. A sign before digits, blanks, control
    /// characters and digits of other scripts are neither number nor name: what looks like a number
    /// to one reader must not be a name to another (CVE-2024-40635, CVE-2026-30892).
    init(_ text: String, of kind: String) throws(RuntimeError) {
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        if !text.isEmpty, text.utf8.allSatisfy(isDigit) {
            // 4294967295 means "unchanged" to the kernel.
            guard let number = UInt32(text), number != .max else {
                throw Self.invalid(text, kind, "numbers end at 4294967294")
            }
            self = .number(number)
            return
        }
        let isSigned = text.utf8.first.map { $0 == 43 || $0 == 45 } ?? false
        guard !text.isEmpty, text.utf8.count <= 256, !isSigned,
            !text.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 || $0 == ":" }
            ),
            !text.allSatisfy({ $0.isNumber || $0.isWhitespace })
        else { throw Self.invalid(text, kind, "it is neither a name nor a decimal number") }
        self = .name(text)
    }

    private static func invalid(_ text: String, _ kind: String, _ why: String) -> RuntimeError {
        RuntimeError(container: "", message: "invalid \(kind) \"\(text)\": \(why)")
    }
}
