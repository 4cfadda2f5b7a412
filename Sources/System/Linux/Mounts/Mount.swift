import CLinux
import Glibc
package import SystemPackage

/// A file system being configured (fsopen(2)): parameters, then one mount.
package struct FileSystemContext: ~Copyable, Sendable {
    private let fd: OwnedFD
    private let type: String

    /// Begins a file system of a type (`overlay`, `tmpfs`, `proc`).
    package init(_ type: String) throws(SyscallError) {
        let number = try syscall("fsopen", on: type) { fsopen(type, UInt32(FSOPEN_CLOEXEC)) }
        fd = OwnedFD(taking: number)
        self.type = type
    }

    /// Sets a parameter to a text.
    package borrowing func set(_ key: String, _ value: String) throws(SyscallError) {
        try configure("\(type) \(key)=\(value)") {
            fsconfig($0, FSCONFIG_SET_STRING.rawValue, key, value, 0)
        }
    }

    /// Sets a parameter that has no value.
    package borrowing func setFlag(_ key: String) throws(SyscallError) {
        try configure("\(type) \(key)") { fsconfig($0, FSCONFIG_SET_FLAG.rawValue, key, nil, 0) }
    }

    /// Creates the file system and a mount of it that is nowhere yet; MOUNT_ATTR_* bits.
    package borrowing func mount(attributes: UInt32 = 0) throws(SyscallError) -> OwnedFD {
        try configure(type) { fsconfig($0, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0) }
        return try fd.with { fd throws(SyscallError) in
            OwnedFD(
                taking: try syscall("fsmount", on: type) {
                    fsmount(fd, UInt32(FSMOUNT_CLOEXEC), attributes)
                }
            )
        }
    }

    /// The kernel's own words about a failure can be read from the context.
    private borrowing func configure(
        _ subject: String,
        _ body: (CInt) -> CInt
    ) throws(SyscallError) {
        try fd.with { fd throws(SyscallError) in
            do throws(SyscallError) {
                _ = try syscall("fsconfig", on: subject) { body(fd) }
            } catch {
                throw SyscallError(
                    call: "fsconfig",
                    subject: subject + Self.explanation(fd),
                    errno: error.errno
                )
            }
        }
    }

    private static func explanation(_ fd: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = read(fd, &buffer, buffer.count)
        guard count > 0 else { return "" }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        return " (\(text.split(whereSeparator: \.isNewline).joined(separator: "; ")))"
    }
}

/// Mounts by descriptor: nothing is resolved twice.
package enum Mount {
    /// Copies a mount so that it is nowhere yet (open_tree(2)); `recursive` takes its submounts.
    package static func clone(
        _ path: FilePath,
        recursive: Bool = true
    ) throws(SyscallError) -> OwnedFD {
        var flags = UInt32(OPEN_TREE_CLONE) | berth_open_tree_cloexec()
        if recursive { flags |= UInt32(AT_RECURSIVE) }
        return OwnedFD(
            taking: try syscall("open_tree", on: path.string) {
                path.withPlatformString { open_tree(AT_FDCWD, $0, flags) }
            }
        )
    }

    /// As `clone(_:recursive:)`, of what is mounted at an open directory or file.
    package static func clone(
        _ place: borrowing OwnedFD,
        subject: String
    ) throws(SyscallError) -> OwnedFD {
        let flags = UInt32(OPEN_TREE_CLONE) | berth_open_tree_cloexec() | UInt32(AT_EMPTY_PATH)
        return try place.with { place throws(SyscallError) in
            OwnedFD(taking: try syscall("open_tree", on: subject) { open_tree(place, "", flags) })
        }
    }

    /// Attaches a mount that is nowhere to an open directory or file.
    package static func attach(
        _ mount: borrowing OwnedFD,
        to target: borrowing OwnedFD,
        subject: String
    ) throws(SyscallError) {
        let flags = UInt32(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)
        try mount.with { mount throws(SyscallError) in
            try target.with { target throws(SyscallError) in
                _ = try syscall("move_mount", on: subject) {
                    move_mount(mount, "", target, "", flags)
                }
            }
        }
    }

    /// Attaches a mount that is nowhere to a path of ours.
    package static func attach(
        _ mount: borrowing OwnedFD,
        to path: FilePath
    ) throws(SyscallError) {
        let target = try openFile(path, O_PATH)
        try attach(mount, to: target, subject: path.string)
    }

    /// Changes a mount and, recursively, those beneath it (mount_setattr(2)); MOUNT_ATTR_* bits
    /// and an MS_* propagation.
    package static func setAttributes(
        _ mount: borrowing OwnedFD,
        set: UInt64 = 0,
        clear: UInt64 = 0,
        propagation: UInt64 = 0,
        recursive: Bool = true
    ) throws(SyscallError) {
        let flags = UInt32(AT_EMPTY_PATH) | (recursive ? UInt32(AT_RECURSIVE) : 0)
        try mount.with { mount throws(SyscallError) in
            _ = try syscall("mount_setattr") {
                berth_mount_setattr(mount, "", flags, set, clear, propagation)
            }
        }
    }

    /// Mounts a file system as mount(2) does; `options` are those that it reads itself.
    package static func mount(
        _ source: String,
        type: String,
        at path: FilePath,
        flags: UInt,
        _ options: String
    ) throws(SyscallError) {
        _ = try syscall("mount", on: path.string) {
            path.withPlatformString { Glibc.mount(source, $0, type, flags, options) }
        }
    }

    /// Whether something is mounted at a path.
    package static func isRoot(_ path: FilePath) throws(SyscallError) -> Bool {
        let place = try openFile(path, O_PATH)
        return try place.with { number throws(SyscallError) in
            var status = statx()
            _ = try syscall("statx", on: path.string) { berth_statx(number, &status) }
            return status.stx_attributes & UInt64(STATX_ATTR_MOUNT_ROOT) != 0
        }
    }

    /// Takes the topmost mount off a path, at once; open files in it live on. False when nothing
    /// is mounted there.
    @discardableResult
    package static func detach(_ path: FilePath) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try syscall("umount2", on: path.string) {
                path.withPlatformString {
                    umount2($0, CInt(MNT_DETACH | UMOUNT_NOFOLLOW))
                }
            }
            return true
        } catch  where error.errno == EINVAL || error.errno == ENOENT {
            return false
        }
    }
}
