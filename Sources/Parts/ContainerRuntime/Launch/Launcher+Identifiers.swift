import CLinux
import Glibc
import Linux
import SystemPackage

extension FilePath {
    /// Where a link leads that leads nowhere; nil for all else.
    static func danglingTarget(of path: FilePath) -> String? {
        var value = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = path.withPlatformString { readlink($0, &value, Int(PATH_MAX)) }
        guard count > 0 else { return nil }
        return String(decoding: value[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension Launcher {
    /// The user namespaces of binds whose owner is the container's user in it, by their targets.
    func identifiers(of identity: UserIdentity) throws -> [String: SharedFD] {
        var namespaces: [String: SharedFD] = [:]
        for mount in spec.mounts where mount.mapsOwner == true {
            guard case .bind(let path, _) = mount.source else { continue }
            var status = stat()
            _ = try syscall("stat", on: path) { stat(path, &status) }
            let users = IdentifierMap(owner: status.st_uid, user: identity.uid)
            guard users.isIdentity || users.owner != 0 else {
                throw RuntimeError(
                    container: placement.name,
                    message: "cannot give \(identity.uid) the files of root at \(path)",
                    hint: "make the folder another user's, or leave `idmap` out"
                )
            }
            // A folder of root's group gives nobody that group.
            let group = status.st_gid == 0 ? identity.gid : status.st_gid
            let groups = IdentifierMap(owner: group, user: identity.gid)
            if users.isIdentity, groups.isIdentity { continue }
            namespaces[mount.target] = try IdentifierNamespace.make(
                users: users,
                groups: groups,
                by: runtime.keeper
            )
        }
        return namespaces
    }
}
