import CLinux
import Glibc
package import Linux
import SystemPackage

/// One of the two trees between which files are copied: the host's, or that of a container.
package struct CopySide: Sendable {
    /// What a user calls the container; nil for the host.
    package let container: String?
    private let root: Root?
    /// Of a container's numbers.
    let shift: IdentifierShift

    /// The host's, with what links there lead to. Paths are absolute.
    package static let host = CopySide(container: nil, root: nil)

    /// A container's: links in it lead nowhere else.
    package init(_ root: Root, container: String, shift: IdentifierShift) {
        self.init(container: container, root: root, shift: shift)
    }

    private init(container: String?, root: Root?, shift: IdentifierShift = IdentifierShift()) {
        self.container = container
        self.root = root
        self.shift = shift
    }

    /// Opens a path: of a container beneath its root, whatever links are there.
    func open(_ path: FilePath, _ flags: CInt) throws(SyscallError) -> SharedFD {
        guard let root else { return SharedFD(try openFile(path, flags)) }
        return SharedFD(try root.open(path, flags))
    }

    /// Where a path leads.
    struct Place {
        /// After links that were followed.
        var path: FilePath
        /// The folder it is in, and its name there; the folder alone for a root and the like.
        var folder: SharedFD
        var name: [CChar]?
        /// nil where nothing is there.
        var status: stat?

        var isFolder: Bool { name == nil || status.map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
        var isDevice: Bool { [S_IFCHR, S_IFBLK].contains(status.map { $0.st_mode & S_IFMT }) }
    }

    private static let mostLinks = 40

    /// Finds a path. The links before its end are always followed.
    /// - Throws: ENOENT where the folder it would be in is not there.
    func find(_ path: FilePath, followingLast: Bool) throws(SyscallError) -> Place {
        var path = path
        for _ in 0..<Self.mostLinks {
            guard let last = path.lastComponent, last.kind == .regular else {
                return Place(path: path, folder: try open(path, O_PATH | O_DIRECTORY))
            }
            let parent = path.removingLastComponent()
            let folder = try open(parent.isEmpty ? "." : parent, O_PATH | O_DIRECTORY)
            let name = last.bytesWithNUL
            var status = stat()
            do throws(SyscallError) {
                _ = try folder.with { fd throws(SyscallError) in
                    try syscall("stat", on: path.string) {
                        fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW)
                    }
                }
            } catch  where error.errno == ENOENT {
                return Place(path: path, folder: folder, name: name)
            }
            guard followingLast, status.st_mode & S_IFMT == S_IFLNK else {
                return Place(path: path, folder: folder, name: name, status: status)
            }
            path = parent.pushing(try Self.target(of: name, in: folder, at: path))
        }
        throw SyscallError(call: "open", subject: path.string, errno: ELOOP)
    }

    private static func target(
        of name: [CChar],
        in folder: SharedFD,
        at path: FilePath
    ) throws(SyscallError) -> FilePath {
        var value = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        _ = try folder.with { fd throws(SyscallError) in
            try syscall("readlink", on: path.string) {
                readlinkat(fd, name, &value, Int(PATH_MAX))
            }
        }
        return FilePath(platformString: value)
    }
}

extension FilePath.Component {
    /// For system calls.
    var bytesWithNUL: [CChar] {
        withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
    }
}
