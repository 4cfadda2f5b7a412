import CLinux
import Glibc
package import SystemPackage

/// A folder whose paths are resolved beneath it, whatever links and `..` an image or a container
/// has put there: openat2(2) with RESOLVE_IN_ROOT. A path is resolved once, to a descriptor.
package struct Root: Sendable {
    private let fd: SharedFD
    /// What errors call it.
    private let name: String

    /// Opens a folder of ours.
    package init(_ path: FilePath) throws(SyscallError) {
        self.init(SharedFD(try openFile(path, O_PATH | O_DIRECTORY)), name: path.string)
    }

    /// Uses an open folder.
    package init(_ fd: SharedFD, name: String) {
        self.fd = fd
        self.name = name
    }

    /// Which links a resolution may go through; links of `/proc/<pid>/fd` and its like never.
    package enum Links: Sendable {
        /// Any, as seen from inside the root.
        case followed
        /// None, in no component.
        case refused
    }

    /// Opens a path beneath the root, close-on-exec; an absolute one begins at the root.
    package func open(
        _ path: FilePath,
        _ flags: CInt,
        mode: UInt32 = 0,
        links: Links = .followed,
        crossingMounts: Bool = true
    ) throws(SyscallError) -> OwnedFD {
        var resolve = UInt64(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
        if links == .refused { resolve |= UInt64(RESOLVE_NO_SYMLINKS) }
        if !crossingMounts { resolve |= UInt64(RESOLVE_NO_XDEV) }
        let path = path.isEmpty ? FilePath(".") : path
        return try fd.with { root throws(SyscallError) in
            let subject = "\(name):\(path)"
            return OwnedFD(
                taking: try retryingRaces(on: subject) {
                    path.withPlatformString { cPath in
                        berth_openat2(
                            root,
                            cPath,
                            UInt64(flags | O_CLOEXEC),
                            UInt64(mode),
                            resolve
                        )
                    }
                }
            )
        }
    }

    /// Makes a folder and its missing parents beneath the root and opens it (O_PATH). Each
    /// component is made in its opened parent; an existing one keeps its mode and owner.
    @discardableResult
    package func makeDirectories(
        _ path: FilePath,
        mode: UInt32 = 0o755,
        owner: UInt32 = 0,
        group: UInt32 = 0
    ) throws(SyscallError) -> OwnedFD {
        var current = try open("/", O_PATH | O_DIRECTORY)
        var prefix = FilePath("/")
        for component in path.components {
            prefix.append(component)
            do throws(SyscallError) {
                current = try open(prefix, O_PATH | O_DIRECTORY)
            } catch  where error.errno == ENOENT {
                current = try make(component.string, in: current, mode, owner, group)
            }
        }
        return current
    }

    private func make(
        _ component: String,
        in parent: borrowing OwnedFD,
        _ mode: UInt32,
        _ owner: UInt32,
        _ group: UInt32
    ) throws(SyscallError) -> OwnedFD {
        try parent.with { parent throws(SyscallError) in
            let subject = "\(name):…/\(component)"
            do throws(SyscallError) {
                _ = try syscall("mkdir", on: subject) { mkdirat(parent, component, mode) }
            } catch  where error.errno == EEXIST {
                // Made by somebody else meanwhile; a dangling link fails in the open below.
            }
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            let made = OwnedFD(
                taking: try syscall("open", on: subject) {
                    berth_openat(parent, component, flags, 0)
                }
            )
            try made.with { fd throws(SyscallError) in
                _ = try syscall("chown", on: subject) { fchown(fd, owner, group) }
                _ = try syscall("chmod", on: subject) { fchmod(fd, mode) }
            }
            return made
        }
    }

    /// The bytes of a regular file beneath the root; nil when there is none. Anything else at that
    /// path (a fifo would hang, a device would never end) is EINVAL, more than `limit` EFBIG.
    package func readFile(_ path: FilePath, limit: Int) throws(SyscallError) -> [UInt8]? {
        guard let file = try openRegular(path) else { return nil }
        let subject = "\(name):\(path)"
        guard try file.status(subject: subject).st_size <= limit else {
            throw SyscallError(call: "read", subject: subject, errno: EFBIG)
        }
        return try file.readToEnd(limit: limit, subject: subject)
    }

    /// Opens a regular file beneath the root for reading; nil when there is none, EINVAL for
    /// anything else. A device is never opened, only looked at: opening alone can do something (a
    /// tape rewinds, a watchdog starts), and it would be done with our rights.
    package func openRegular(
        _ path: FilePath,
        links: Links = .followed
    ) throws(SyscallError) -> OwnedFD? {
        let place: OwnedFD
        do throws(SyscallError) {
            place = try open(path, O_PATH, links: links)
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
        return try place.reopenedRegular(subject: "\(name):\(path)")
    }
}

/// The bytes of a file that a user names, links followed; EFBIG when there are more than `limit`.
/// EINVAL for anything but a regular file, which is not opened: a fifo would wait for its writer, a
/// device never end.
package func readRegularFile(_ path: FilePath, limit: Int) throws(SyscallError) -> [UInt8] {
    let place = try openFile(path, O_PATH)
    let file = try place.reopenedRegular(subject: path.string)
    return try file.readToEnd(limit: limit, subject: path.string)
}

/// Calls again while a rename or mount elsewhere disturbs the resolution of `..` (EAGAIN), as often
/// as runc does: 128 times, then for two milliseconds more.
private func retryingRaces(
    on subject: String,
    _ body: () -> CInt
) throws(SyscallError) -> CInt {
    for _ in 0..<128 {
        do throws(SyscallError) {
            return try syscall("openat2", on: subject, body)
        } catch  where error.errno == EAGAIN {}
    }
    let deadline = ContinuousClock.now + .milliseconds(2)
    while true {
        do throws(SyscallError) {
            return try syscall("openat2", on: subject, body)
        } catch  where error.errno == EAGAIN && ContinuousClock.now < deadline {}
    }
}

extension OwnedFD {
    /// The regular file that this descriptor (O_PATH) stands for, opened for reading; EINVAL when it
    /// is anything else. What was looked at is what is opened, whatever its name has become.
    fileprivate borrowing func reopenedRegular(
        subject: @autoclosure () -> String
    ) throws(SyscallError) -> OwnedFD {
        guard try status(subject: subject()).st_mode & S_IFMT == S_IFREG else {
            throw SyscallError(call: "open", subject: subject(), errno: EINVAL)
        }
        return try with { place throws(SyscallError) in
            OwnedFD(
                taking: try syscall("open", on: subject()) {
                    berth_open("/proc/self/fd/\(place)", O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
                }
            )
        }
    }

    /// fstat(2).
    borrowing func status(
        subject: @autoclosure () -> String = ""
    ) throws(SyscallError) -> stat {
        try with { fd throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat", on: subject()) { fstat(fd, &status) }
            return status
        }
    }
}

extension SharedFD {
    /// As `Root.openRegular`, for a NUL-terminated name in this folder and never through a link;
    /// ENOENT when there is none.
    package func openRegular(
        _ name: [CChar],
        subject: @autoclosure () -> String
    ) throws(SyscallError) -> OwnedFD {
        let place = try with { folder throws(SyscallError) in
            OwnedFD(
                taking: try syscall("open", on: subject()) {
                    berth_openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)
                }
            )
        }
        return try place.reopenedRegular(subject: subject())
    }
}
