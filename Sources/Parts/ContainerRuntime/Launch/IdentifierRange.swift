import CLinux
import Glibc
import Linux
import SystemPackage

/// The host's numbers for the users and groups of one container whose root is not the host's root: a
/// range that no other running container has. Nothing is written with these numbers but the container's
/// memory file systems, so the range is another one at the next start. docs/decisions/044.
struct IdentifierRange: Sendable {
    /// How many there are: those that images use, nobody among them.
    static let count = IdentifierShift.count

    /// What user 0 and group 0 are on the host.
    let firstUser: UInt32
    let firstGroup: UInt32
    /// Who has it open has the range.
    let lock: SharedFD

    /// Between its numbers and the host's.
    var shift: IdentifierShift { IdentifierShift(user: firstUser, group: firstGroup) }

    /// As user_namespaces(7) writes it.
    var users: String { "0 \(firstUser) \(Self.count)\n" }
    var groups: String { "0 \(firstGroup) \(Self.count)\n" }

    /// Refuses who is not among them.
    static func check(_ identity: UserIdentity, container: String) throws(RuntimeError) {
        let numbers = [("user", identity.uid), ("group", identity.gid)]
        for (kind, number) in numbers + identity.groups.map({ ("group", $0) }) where number >= count
        {
            throw RuntimeError(
                container: container,
                message:
                    "cannot be \(kind) \(number): with users of its own it has only those below \(count)",
                hint: "take another one, or the host's users"
            )
        }
    }

    /// A byte of it for each user, and behind all of them one for each group, locked as long as somebody has
    /// it open (fcntl(2), open file description locks): lines that overlap, or that grant users alone, give
    /// nobody what another one has. One for the machine, whatever state folders there are.
    private static let lockFile = FilePath("/run/berth-ids.lock")
    private static let groupBytes: off_t = 1 << 32

    /// The first that is free, of those that the machine's files grant.
    static func take(for container: String) throws -> IdentifierRange {
        let users = SubordinateIdentifiers.granted(by: "/etc/subuid")
        let groups = SubordinateIdentifiers.granted(by: "/etc/subgid")
        let starts = Array(zip(users, groups))
        let lock = SharedFD(
            try openFile(lockFile, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        )
        for (user, group) in starts where try take(off_t(user), in: lock) {
            if try take(groupBytes + off_t(group), in: lock) {
                return IdentifierRange(firstUser: user, firstGroup: group, lock: lock)
            }
            _ = try take(off_t(user), F_UNLCK, in: lock)
        }
        throw RuntimeError(
            container: container,
            message: "each of the \(starts.count) ranges of users is another container's",
            hint: "give `berth` more in /etc/subuid and /etc/subgid (subuid(5)), or stop one"
        )
    }

    /// False: somebody has one of them.
    private static func take(
        _ first: off_t,
        _ kind: Int32 = F_WRLCK,
        in lock: SharedFD
    ) throws(SyscallError) -> Bool {
        try lock.with { fd throws(SyscallError) in
            var range = flock()
            range.l_type = Int16(kind)
            range.l_whence = Int16(SEEK_SET)
            range.l_start = first
            range.l_len = off_t(count)
            if berth_lock_range(fd, &range) == 0 { return true }
            guard [EAGAIN, EACCES].contains(errno) else {
                throw SyscallError(call: "fcntl", subject: lockFile.string, errno: errno)
            }
            return false
        }
    }
}

/// Ranges of the machine's that its administrator has given to containers. subuid(5)
enum SubordinateIdentifiers {
    /// Whom they are granted to. Not `containers`: those another engine shares out.
    private static let name = "berth"
    /// Without a grant: what systemd's list of uses leaves to nobody, 0x70000000 to 0x7fefffff.
    private static let usual = (first: UInt32(0x7000_0000), count: UInt32(4079))

    /// The beginnings of whole ranges for a container each.
    static func granted(by path: FilePath) -> [UInt32] {
        // `try?`: a machine without the file has granted nothing.
        let text = (try? readFile(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
        return starts(in: text ?? "")
    }

    /// The same of the text of such a file.
    static func starts(in text: String) -> [UInt32] {
        let lines = text.split(separator: "\n").map { $0.split(separator: ":").map(String.init) }
        let starts = lines.filter { $0.first == name }.flatMap { line -> [UInt32] in
            guard line.count == 3, let first = UInt32(line[1]), let count = UInt32(line[2]),
                first > 0, !first.addingReportingOverflow(count).overflow
            else { return [] }
            return (0..<count / IdentifierRange.count).map { first + $0 * IdentifierRange.count }
        }
        if !starts.isEmpty { return starts }
        return (0..<usual.count).map { usual.first + $0 * IdentifierRange.count }
    }
}
