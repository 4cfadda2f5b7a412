import CLinux
import Glibc

/// Between the numbers of users and groups in a container's files and what the host sees of them: the
/// same, unless the container has users of its own.
package struct IdentifierShift: Hashable, Sendable {
    /// How many users, and groups, a container has that has its own.
    package static let count: UInt32 = 65536
    /// Who has what belongs to nobody in the container: user_namespaces(7).
    private static let nobody: UInt32 = 65534

    /// What the container's user 0 is on the host.
    package var user: UInt32
    /// What its group 0 is.
    package var group: UInt32

    /// The host's users are the container's, unless a beginning is given.
    package init(user: UInt32 = 0, group: UInt32 = 0) {
        self.user = user
        self.group = group
    }

    /// Whether both sides have the same numbers.
    package var isNone: Bool { user == 0 && group == 0 }

    /// As the container sees them: what is not its own is nobody's there.
    package func inside(user: UInt32, group: UInt32) -> (user: UInt32, group: UInt32) {
        if isNone { return (user, group) }
        return (Self.inside(user, self.user), Self.inside(group, self.group))
    }

    /// The host's numbers of the container's. EOVERFLOW for one that the container does not have.
    package func outside(
        user: UInt32,
        group: UInt32
    ) throws(SyscallError) -> (user: UInt32, group: UInt32) {
        if isNone { return (user, group) }
        guard let user = Self.outside(user, self.user) else {
            throw SyscallError(call: "chown", subject: "user \(user)", errno: EOVERFLOW)
        }
        guard let group = Self.outside(group, self.group) else {
            throw SyscallError(call: "chown", subject: "group \(group)", errno: EOVERFLOW)
        }
        return (user, group)
    }

    private static func inside(_ number: UInt32, _ first: UInt32) -> UInt32 {
        let own = number &- first
        return own < count ? own : nobody
    }

    private static func outside(_ number: UInt32, _ first: UInt32) -> UInt32? {
        number < count ? first + number : nil
    }

    /// What the calling thread makes from now on is the container's root's. For a thread that ends with
    /// its work: others go on as they are.
    package func act() throws(SyscallError) {
        if isNone { return }
        berth_setfsids(user, group)
        var held: UInt64 = 0
        _ = try syscall("capget", on: "own capabilities") { berth_capget_permitted(0, &held) }
        _ = try syscall("capset", on: "own capabilities") { berth_capset(held, held, 0) }
    }
}

/// Extended attributes with numbers in them: access control lists, and whose capabilities a program has.
extension IdentifierShift {
    /// The value of an attribute as the container sees it. nil for what means nothing there.
    package func inside(_ name: String, _ value: [UInt8]) -> [UInt8]? {
        if isNone { return value }
        switch name {
        case "security.capability": return Capability.withoutOwner(value, of: user)
        case "system.posix_acl_access", "system.posix_acl_default":
            return AccessList.changing(value) { isUser, number in
                Self.inside(number, isUser ? user : group)
            }
        default: return value
        }
    }

    /// The value to write on the host. nil for what has numbers that the container does not have.
    package func outside(_ name: String, _ value: [UInt8]) -> [UInt8]? {
        if isNone { return value }
        switch name {
        case "security.capability": return Capability.withOwner(value, user)
        case "system.posix_acl_access", "system.posix_acl_default":
            return AccessList.changing(value) { isUser, number in
                Self.outside(number, isUser ? user : group)
            }
        default: return value
        }
    }
}

/// The form of `security.capability`: <linux/capability.h>, `struct vfs_ns_cap_data`, little endian.
private enum Capability {
    private static let size = (plain: 20, owned: 24)

    /// Revision 3 says whose root has the capabilities; to that one itself it is revision 2.
    static func withoutOwner(_ value: [UInt8], of user: UInt32) -> [UInt8]? {
        guard value.count == size.owned else { return value.count == size.plain ? nil : value }
        let owner = value[size.plain...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard owner == user else { return nil }
        return revision(2, Array(value.prefix(size.plain)))
    }

    static func withOwner(_ value: [UInt8], _ user: UInt32) -> [UInt8]? {
        guard value.count == size.plain else { return nil }
        let owner = (0..<4).map { UInt8(truncatingIfNeeded: user >> (8 * UInt32($0))) }
        return revision(3, value) + owner
    }

    private static func revision(_ number: UInt8, _ value: [UInt8]) -> [UInt8] {
        var value = value
        value[3] = number
        return value
    }
}

/// The form of a POSIX access control list: <linux/posix_acl_xattr.h>, little endian.
private enum AccessList {
    private static let size = (header: 4, entry: 8)
    private static let tags = (user: UInt8(0x02), group: UInt8(0x08))

    /// With other numbers of users and groups; nil where `change` gives none.
    static func changing(
        _ value: [UInt8],
        _ change: (_ isUser: Bool, _ number: UInt32) -> UInt32?
    ) -> [UInt8]? {
        var value = value
        for entry in stride(from: size.header, through: value.count - size.entry, by: size.entry)
        where [tags.user, tags.group].contains(value[entry]) && value[entry + 1] == 0 {
            let place = entry + 4
            let number = (0..<4).reduce(UInt32(0)) {
                $0 | UInt32(value[place + $1]) << (8 * UInt32($1))
            }
            guard let changed = change(value[entry] == tags.user, number) else { return nil }
            for byte in 0..<4 {
                value[place + byte] = UInt8(truncatingIfNeeded: changed >> (8 * UInt32(byte)))
            }
        }
        return value
    }
}
