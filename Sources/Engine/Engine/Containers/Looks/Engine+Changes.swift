package import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// Something that a container changed of its image.
package struct FileChange: Hashable, Sendable {
    /// Docker's letters.
    package enum Kind: String, Sendable {
        case added = "A"
        case changed = "C"
        case deleted = "D"
    }

    /// What became of it.
    package var kind: Kind
    /// From the root, with a slash in front.
    package var path: String
}

extension Engine {
    /// What a container changed of its image, in the order of paths; what is mounted in it is not
    /// part of it.
    package func changes(of id: ContainerID) async throws -> [FileChange] {
        let upper = ContainerFolder(layout.container(id.text)).upper
        guard Layout.exists(upper) else { return [] }
        let parts = try await fileParts(of: id)
        let below = [try runtime.initLayer()] + parts.layers
        return try await onOwnThread { () throws(any Error) in
            let image = SharedFD(try PrivateMount.overlay(below))
            var changes: [FileChange] = []
            let top = SharedFD(try openFile(upper, O_RDONLY | O_DIRECTORY))
            try FileChange.collect(top, over: image, at: "", &changes, depth: 0)
            return changes.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        }
    }
}

extension FileChange {
    private static let deepest = 1024

    /// Compares a folder of the container with that of its image, nil where the image has none. Links
    /// are not followed.
    fileprivate static func collect(
        _ folder: SharedFD,
        over image: SharedFD?,
        at path: String,
        _ changes: inout [FileChange],
        depth: Int
    ) throws {
        guard depth < deepest else {
            throw SyscallError(call: "open", subject: path, errno: ELOOP)
        }
        for component in try folder.duplicate().entryNames() {
            let name = component.string
            let place = "\(path)/\(name)"
            guard let status = try status(of: name, in: folder) else { continue }
            let former = try image.flatMap { try self.status(of: name, in: $0) }
            let isDeleted = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0
            let kind: Kind = isDeleted ? .deleted : former == nil ? .added : .changed
            changes.append(FileChange(kind: kind, path: place))
            guard status.st_mode & S_IFMT == S_IFDIR else { continue }
            let isFolder = former.map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
            try collect(
                open(name, in: folder),
                over: isFolder ? image.map { try open(name, in: $0) } : nil,
                at: place,
                &changes,
                depth: depth + 1
            )
        }
    }

    /// nil where there is nothing of that name.
    private static func status(
        of name: String,
        in folder: SharedFD
    ) throws(SyscallError) -> stat? {
        var status = stat()
        do throws(SyscallError) {
            _ = try folder.with { fd throws(SyscallError) in
                try syscall("stat", on: name) { fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) }
            }
            return status
        } catch  where error.errno == ENOENT {
            return nil
        }
    }

    private static func open(
        _ name: String,
        in folder: SharedFD
    ) throws(SyscallError) -> SharedFD {
        try folder.with { fd throws(SyscallError) in
            SharedFD(
                taking: try syscall("open", on: name) {
                    openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
            )
        }
    }
}
