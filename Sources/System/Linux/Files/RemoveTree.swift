import CLinux
import Glibc
package import SystemPackage

/// Removes a file or a folder with everything in it. Links are removed, never followed, and a
/// mount point stops it with EBUSY. What is already gone is no error.
///
/// Works by descriptors, one folder at a time and without recursion: an image may hold a million
/// levels.
package func removeTree(_ path: FilePath) throws(SyscallError) {
    let parent: OwnedFD
    do throws(SyscallError) {
        let folder = path.removingLastComponent()
        parent = try openFile(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY)
    } catch  where error.errno == ENOENT {
        return
    }
    guard let name = path.lastComponent else {
        throw SyscallError(call: "remove", subject: path.string, errno: EBUSY)
    }
    try removeEntry(FilePath(root: nil, [name]), in: parent, subject: path.string)
    CrashPoint.treeRemoved.pass()
}

/// As `removeTree`, for an entry of an open folder.
package func removeEntry(
    _ name: FilePath,
    in parent: borrowing OwnedFD,
    subject: String
) throws(SyscallError) {
    let bytes = name.withPlatformString {
        Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
    }
    var removal = try TreeRemoval(top: parent.duplicate(), subject: subject)
    try removal.run(bytes)
}

/// The walk: where we are, and what is still to be removed on each level above.
private struct TreeRemoval: ~Copyable {
    /// A folder being emptied: its name in its parent, its identity, subfolders not yet visited.
    private struct Level {
        var name: [CChar]
        var device: dev_t
        var inode: ino_t
        var folders: [[CChar]]
    }

    private var current: OwnedFD
    private var levels: [Level] = []
    private let topStatus: stat
    private let subject: String

    init(top: consuming OwnedFD, subject: String) throws(SyscallError) {
        topStatus = try top.status(subject: subject)
        current = top
        self.subject = subject
    }

    mutating func run(_ name: [CChar]) throws(SyscallError) {
        guard try unlinkIsFolder(name) else { return }
        try descend(name)
        while let folder = levels.last?.folders.last {
            levels[levels.count - 1].folders.removeLast()
            try descend(folder)
            while levels.last?.folders.isEmpty == true { try ascend() }
        }
        while !levels.isEmpty { try ascend() }
    }

    /// Removes what is not a folder; true when it is one.
    private func unlinkIsFolder(_ name: [CChar]) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try current.with { fd throws(SyscallError) in
                try syscall("unlink", on: subject) { unlinkat(fd, name, 0) }
            }
            return false
        } catch  where error.errno == ENOENT {
            return false
        } catch  where error.errno == EISDIR || error.errno == EPERM {
            return true
        }
    }

    private mutating func descend(_ name: [CChar]) throws(SyscallError) {
        let resolve = UInt64(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV)
        let flags = UInt64(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        let next: OwnedFD
        do throws(SyscallError) {
            next = try current.with { fd throws(SyscallError) in
                OwnedFD(
                    taking: try syscall("open", on: subject) {
                        berth_openat2(fd, name, flags, 0, resolve)
                    }
                )
            }
        } catch  where error.errno == ENOENT {
            return
        } catch  where error.errno == EXDEV {
            throw SyscallError(call: "remove", subject: "\(subject) (mounted)", errno: EBUSY)
        }
        let status = try next.status(subject: subject)
        current = next
        let entries = try entries()
        levels.append(
            Level(name: name, device: status.st_dev, inode: status.st_ino, folders: [])
        )
        for entry in entries where try unlinkIsFolder(entry) {
            levels[levels.count - 1].folders.append(entry)
        }
    }

    /// Goes back up and removes the emptied folder.
    private mutating func ascend() throws(SyscallError) {
        guard let done = levels.popLast() else { return }
        let parent = try current.with { fd throws(SyscallError) in
            OwnedFD(
                taking: try syscall("open", on: subject) {
                    berth_openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
                }
            )
        }
        let status = try parent.status(subject: subject)
        let (device, inode) =
            levels.last.map { ($0.device, $0.inode) } ?? (topStatus.st_dev, topStatus.st_ino)
        guard status.st_dev == device, status.st_ino == inode else {
            // Somebody moved the folder while we were inside it.
            throw SyscallError(call: "remove", subject: subject, errno: EBUSY)
        }
        current = parent
        do throws(SyscallError) {
            _ = try current.with { fd throws(SyscallError) in
                try syscall("rmdir", on: subject) { unlinkat(fd, done.name, AT_REMOVEDIR) }
            }
        } catch  where error.errno == ENOENT {}
    }

    private func entries() throws(SyscallError) -> [[CChar]] {
        let fd = try current.duplicate().release()
        guard let stream = fdopendir(fd) else {
            let code = errno
            close(fd)
            throw SyscallError(call: "opendir", subject: subject, errno: code)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
                }
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        return names
    }
}
