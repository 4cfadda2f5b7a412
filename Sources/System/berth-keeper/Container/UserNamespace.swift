import CLinux

/// A container whose root is not the host's root.
///
/// Its mounts are made by the host's root, who alone can lay one file system over others with all that
/// they can say, before the program's user namespace is entered. So nothing that is mounted belongs to
/// the container's root, who can take nothing of it away; what is in it does.
extension Child {
    /// Whether the program has users of its own.
    var hasOwnUsers: Bool { spec.fields.user_namespace >= 0 }

    /// From here on what is made, files and file systems, belongs to the container's root.
    func actForContainer() {
        guard hasOwnUsers else { return }
        berth_setfsids(spec.fields.first_user, spec.fields.first_group)
        var held: UInt64 = 0
        must(berth_capget_permitted(0, &held), .capabilities)
        must(berth_capset(held, held, 0), .capabilities)
    }

    /// Who is in it has every capability there, and none anywhere else.
    func enterUserNamespace() {
        guard hasOwnUsers else { return }
        must(berth_setns(spec.fields.user_namespace, CLONE_NEWUSER), .namespaces)
    }

    /// Shows a folder with the container's identifiers, upon itself, and gives what is seen of it:
    /// an overlay takes nothing that is mounted nowhere (Linux before 6.15).
    func mapIdentifiers(of folder: CInt, _ stage: KeeperStage, _ index: Int = 0) -> CInt {
        guard hasOwnUsers else { return folder }
        let tree = must(copyTree(folder, c(""), recursive: false), stage, index)
        must(
            berth_map_identifiers(tree, UInt32(AT_EMPTY_PATH), spec.fields.user_namespace),
            stage,
            index
        )
        must(attach(tree, folder), stage, index)
        _ = close(folder)
        return tree
    }

    /// The host's number of a user of the container.
    func hostUser(_ user: UInt32) -> UInt32 { spec.fields.first_user &+ user }

    /// The host's number of a group of the container.
    func hostGroup(_ group: UInt32) -> UInt32 { spec.fields.first_group &+ group }
}
