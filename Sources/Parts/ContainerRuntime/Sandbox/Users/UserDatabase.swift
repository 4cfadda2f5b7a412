import Linux
import SystemPackage

/// The users and groups of a container, looked up in its `/etc/passwd` and `/etc/group`: nothing is
/// kept of what was not asked for. Lines that are not entries are skipped; a number that cannot be
/// read never becomes 0.
struct UserDatabase: Sendable {
    struct User: Hashable, Sendable {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }

    private let passwd: AccountFile
    private let group: AccountFile

    init(beneath root: Root) throws(RuntimeError) {
        passwd = try AccountFile("/etc/passwd", beneath: root)
        group = try AccountFile("/etc/group", beneath: root)
    }

    init(passwd: [UInt8], group: [UInt8]) {
        self.passwd = AccountFile("/etc/passwd", holding: passwd)
        self.group = AccountFile("/etc/group", holding: group)
    }

    /// The first entry of a user.
    func user(_ word: IdentityWord) throws(RuntimeError) -> User? {
        var found: User?
        try passwd.forEachEntry { fields in
            guard fields.count >= 4, let uid = Self.number(fields[2]),
                let gid = Self.number(fields[3])
            else { return true }
            switch word {
            case .number(let number) where number == uid: break
            case .name(let name) where fields[0].elementsEqual(name.utf8): break
            case .number, .name: return true
            }
            found = User(
                name: String(decoding: fields[0], as: UTF8.self),
                uid: uid,
                gid: gid,
                home: fields.count > 5 ? String(decoding: fields[5], as: UTF8.self) : ""
            )
            return false
        }
        return found
    }

    /// The first group of a name.
    func group(named name: String) throws(RuntimeError) -> UInt32? {
        var found: UInt32?
        try forEachGroup { gid, fields in
            guard fields[0].elementsEqual(name.utf8) else { return true }
            found = gid
            return false
        }
        return found
    }

    /// The groups that list a user, each once.
    func memberships(of user: String) throws(RuntimeError) -> [UInt32] {
        var found: [UInt32] = []
        var known: Set<UInt32> = []
        try forEachGroup { gid, fields in
            let isMember =
                fields.count > 3
                && fields[3].split(separator: UInt8(ascii: ","))
                    .contains { $0.elementsEqual(user.utf8) }
            if isMember, known.insert(gid).inserted { found.append(gid) }
            return true
        }
        return found
    }

    private func forEachGroup(
        _ body: (UInt32, [ArraySlice<UInt8>]) -> Bool
    ) throws(RuntimeError) {
        try group.forEachEntry { fields in
            guard fields.count >= 3, let gid = Self.number(fields[2]) else { return true }
            return body(gid, fields)
        }
    }

    /// A decimal number a user or group can have.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard digits.allSatisfy({ (48...57).contains($0) }),
            let number = UInt32(String(decoding: digits, as: UTF8.self)), number != .max
        else { return nil }
        return number
    }
}
