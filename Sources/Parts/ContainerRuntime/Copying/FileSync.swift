import CLinux
import Glibc
package import Linux
import SystemPackage

/// Makes files of a container what they are on the host, one by one: compose-spec `develop.watch`.
package struct FileSync: Sendable {
    /// A path of the host, and the one in the container that is to be like it. What is not on the host
    /// is removed there; a folder is made, without what is in it.
    package struct Item: Hashable, Sendable {
        /// Of the host.
        package var source: String
        /// In the container.
        package var target: String

        /// Both paths are absolute.
        package init(_ source: String, to target: String) {
            self.source = source
            self.target = target
        }
    }

    private let root: Root
    private let shift: IdentifierShift
    private let owner: (user: UInt32, group: UInt32)?

    /// Into what is beneath a root. What is made belongs to `user`, as the container knows it; where
    /// that is empty to the same number as on the host.
    /// - Throws: for a user that the container does not have.
    package init(into root: Root, ownedBy user: String, shift: IdentifierShift) throws {
        self.root = root
        self.shift = shift
        owner =
            user.isEmpty
            ? nil
            : try {
                let identity = try UserIdentity(user, beneath: root)
                return (identity.uid, identity.gid)
            }()
    }

    /// Puts one path in its place, making the folders above it.
    package func put(_ item: Item) throws(SyscallError) {
        let target = FilePath(item.target).lexicallyNormalized()
        var status = stat()
        guard lstat(item.source, &status) == 0 else {
            guard [ENOENT, ENOTDIR].contains(errno) else {
                throw SyscallError(call: "stat", subject: item.source, errno: errno)
            }
            return try remove(target)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            try makeFolder(target, like: status)
        } else {
            try copy(FilePath(item.source), to: target)
        }
    }

    private func makeFolder(_ target: FilePath, like status: stat) throws(SyscallError) {
        do throws(SyscallError) {
            try make(target, mode: status.st_mode & 0o7777, status)
        } catch  where [ENOTDIR, EEXIST].contains(error.errno) {
            // A file had the name.
            try remove(target)
            try make(target, mode: status.st_mode & 0o7777, status)
        }
    }

    private func make(
        _ target: FilePath,
        mode: UInt32,
        _ status: stat
    ) throws(SyscallError) {
        let owner = try shift.outside(
            user: owner?.user ?? status.st_uid,
            group: owner?.group ?? status.st_gid
        )
        try root.makeDirectories(target, mode: mode, owner: owner.user, group: owner.group)
    }

    private func copy(_ source: FilePath, to target: FilePath) throws(SyscallError) {
        guard let name = source.lastComponent, let newName = target.lastComponent else { return }
        let folder = SharedFD(
            try openFile(source.removingLastComponent(), O_PATH | O_DIRECTORY)
        )
        let above = try shift.outside(user: owner?.user ?? 0, group: owner?.group ?? 0)
        let place = SharedFD(
            try root.makeDirectories(
                target.removingLastComponent(),
                owner: above.user,
                group: above.group
            )
        )
        var style = TreeCopy.Style()
        style.replaces = true
        style.owner = owner
        style.targetShift = shift
        do throws(SyscallError) {
            var copy = TreeCopy(into: place, style: style)
            try copy.copy(name.bytesWithNUL, of: folder, as: newName.bytesWithNUL)
        } catch  where error.errno == EISDIR {
            // A folder had the name.
            try remove(target)
            var copy = TreeCopy(into: place, style: style)
            try copy.copy(name.bytesWithNUL, of: folder, as: newName.bytesWithNUL)
        } catch  where error.errno == ENOENT && error.call == "stat" {
            // It went meanwhile.
            try remove(target)
        }
    }

    private func remove(_ target: FilePath) throws(SyscallError) {
        guard let name = target.lastComponent else { return }
        let parent: OwnedFD
        do throws(SyscallError) {
            parent = try root.open(target.removingLastComponent(), O_PATH | O_DIRECTORY)
        } catch  where [ENOENT, ENOTDIR].contains(error.errno) {
            return
        }
        try removeEntry(FilePath(root: nil, [name]), in: parent, subject: target.string)
    }
}
