import CLinux
import Glibc
package import Linux
package import SystemPackage

/// A place of a volume that has a folder where an archive has none, or the other way round: neither takes
/// the place of the other, since what is in a folder, or behind a link, would be gone.
package struct VolumeObstacle: Hashable, Sendable, CustomStringConvertible {
    /// From the top of the volume.
    package var path: String
    /// Of the archive, and of the volume.
    var wanted, present: mode_t

    package var description: String {
        "\(path) is \(Self.words(wanted)) in the archive and \(Self.words(present)) in the volume"
    }

    /// The first one for a tree that is to be put into a volume; nil when there is none.
    static func first(
        from source: SharedFD,
        into target: SharedFD,
        beneath path: String = ""
    ) throws(SyscallError) -> VolumeObstacle? {
        for name in try DirectoryListing.names(in: source) {
            let own =
                path + String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            let wanted = try kind(of: name, in: source, subject: own)
            let present: mode_t
            do throws(SyscallError) {
                present = try kind(of: name, in: target, subject: own)
            } catch  where error.errno == ENOENT {
                continue
            }
            if (wanted == S_IFDIR) != (present == S_IFDIR) {
                return VolumeObstacle(path: own, wanted: wanted, present: present)
            }
            guard wanted == S_IFDIR else { continue }
            let (from, to) = (
                try folder(name, in: source, subject: own),
                try folder(name, in: target, subject: own)
            )
            if let deeper = try first(from: from, into: to, beneath: own + "/") { return deeper }
        }
        return nil
    }

    private static func kind(
        of name: [CChar],
        in folder: SharedFD,
        subject: String
    ) throws(SyscallError) -> mode_t {
        var status = stat()
        try folder.with { fd throws(SyscallError) in
            _ = try syscall("stat", on: subject) {
                fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW)
            }
        }
        return status.st_mode & S_IFMT
    }

    private static func folder(
        _ name: [CChar],
        in folder: SharedFD,
        subject: String
    ) throws(SyscallError) -> SharedFD {
        try folder.with { fd throws(SyscallError) in
            SharedFD(
                taking: try syscall("open", on: subject) {
                    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
                    return berth_openat(fd, name, flags, 0)
                }
            )
        }
    }

    private static func words(_ kind: mode_t) -> String {
        switch kind {
        case S_IFDIR: "a folder"
        case S_IFLNK: "a link"
        case S_IFREG: "a file"
        default: "a special file"
        }
    }
}

extension VolumeFilling {
    /// What keeps a tree from being put into the volume whole.
    package func obstacle(to folder: FilePath) throws(SyscallError) -> VolumeObstacle? {
        try VolumeObstacle.first(
            from: SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY)),
            into: SharedFD(try openFile(place, O_RDONLY | O_DIRECTORY))
        )
    }
}
