import CLinux
import Glibc
import Linux
import SystemPackage

/// The users that a container has for itself, and what belongs to them.
struct OwnUsers: Sendable {
    let range: IdentifierRange
    let namespaces: IdentifierNamespace.Made
}

extension Launcher {
    /// nil where it has the host's.
    func ownUsers(for identity: UserIdentity) throws -> OwnUsers? {
        let plan = NamespacePlan(spec)
        guard plan.hasOwnUsers else { return nil }
        try IdentifierRange.check(identity, container: placement.name)
        let range = try IdentifierRange.take(for: placement.name)
        let made = try IdentifierNamespace.make(
            users: range.users,
            groups: range.groups,
            with: plan.madeOfUsers,
            by: runtime.keeper
        )
        try checkMapping(of: placement.directory, by: made.users)
        return OwnUsers(range: range, namespaces: made)
    }

    /// Says now what would be an error without a reason later: the file system of the state cannot show
    /// its files with other identifiers.
    private func checkMapping(of folder: FilePath, by users: SharedFD) throws {
        do throws(SyscallError) {
            try Mount.mapIdentifiers(of: SharedFD(try Mount.clone(folder)), by: users)
        } catch {
            throw RuntimeError(
                container: placement.name,
                message: "cannot give it users of its own: \(error)",
                hint:
                    "its state has to be on ext4, xfs, btrfs or the like, and Linux be 5.19 or later"
            )
        }
    }
}

extension SpecBuilder {
    /// Whose numbers the container's are; `add` numbers a descriptor to hand over. The keeper has the
    /// range as long as it lives.
    mutating func set(_ users: OwnUsers, _ add: (SharedFD?) -> CInt) {
        fields.user_namespace = add(users.namespaces.users)
        fields.birth_network = add(users.namespaces.network)
        fields.birth_names = add(users.namespaces.names)
        fields.first_user = users.range.firstUser
        fields.first_group = users.range.firstGroup
        _ = add(users.range.lock)
    }
}
