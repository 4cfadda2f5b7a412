import Glibc
import Linux
import SystemPackage

/// `/etc/passwd` and `/etc/group` of a container: hostile input, read within limits. Lines that
/// are not entries are skipped; a number that cannot be read never becomes 0.
struct UserDatabase: Sendable {
    struct User: Hashable, Sendable {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }

    struct Group: Hashable, Sendable {
        var name: String
        var gid: UInt32
        var members: [String]
    }

    static let fileLimit = 16 << 20
    static let lineLimit = 64 << 10
    static let entryLimit = 100_000

    let users: [User]
    let groups: [Group]

    /// Reads both files; a missing one has no entries.
    init(beneath root: Root) throws(RuntimeError) {
        try self.init(
            passwd: Self.read("/etc/passwd", beneath: root),
            group: Self.read("/etc/group", beneath: root)
        )
    }

    init(passwd: [UInt8], group: [UInt8]) throws(RuntimeError) {
        users = try Self.lines(passwd, of: "/etc/passwd").compactMap { line in
            let fields = Self.fields(line)
            guard fields.count >= 4, let uid = Self.number(fields[2]),
                let gid = Self.number(fields[3])
            else { return nil }
            return User(
                name: fields[0],
                uid: uid,
                gid: gid,
                home: fields.count > 5 ? fields[5] : ""
            )
        }
        groups = try Self.lines(group, of: "/etc/group").compactMap { line in
            let fields = Self.fields(line)
            guard fields.count >= 3, let gid = Self.number(fields[2]) else { return nil }
            let members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            return Group(name: fields[0], gid: gid, members: members)
        }
    }

    func user(_ word: IdentityWord) -> User? {
        switch word {
        case .number(let uid): users.first { $0.uid == uid }
        case .name(let name): users.first { $0.name == name }
        }
    }

    func group(named name: String) -> UInt32? { groups.first { $0.name == name }?.gid }

    func memberships(of user: String) -> [UInt32] {
        groups.filter { $0.members.contains(user) }.map(\.gid)
    }

    private static func read(_ path: FilePath, beneath root: Root) throws(RuntimeError) -> [UInt8] {
        do throws(SyscallError) {
            return try root.readFile(path, limit: fileLimit) ?? []
        } catch {
            let reason =
                switch error.errno {
                case EINVAL: "it is no regular file"
                case EFBIG: "it is larger than \(fileLimit >> 20) MiB"
                default: error.reason
                }
            throw RuntimeError(
                container: "",
                message: "cannot read the container's \(path): \(reason)"
            )
        }
    }

    private static func lines(
        _ bytes: [UInt8],
        of file: String
    ) throws(RuntimeError) -> [ArraySlice<UInt8>] {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard lines.count <= entryLimit, lines.allSatisfy({ $0.count <= lineLimit }) else {
            throw RuntimeError(
                container: "",
                message: "the container's \(file) has too many or too long lines"
            )
        }
        return lines
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A decimal number a user or group can have.
    private static func number(_ text: String) -> UInt32? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt32(text),
            number != .max
        else { return nil }
        return number
    }
}
