import Glibc
package import Linux
import OCI
package import SystemPackage

/// Blobs by digest and layers by diffID on disk, shared by every process of this machine:
///
///     blobs/sha256/<hex>      as received; appears by rename when verified and synced
///     layers/<diffID>/fs      an overlay lower directory, never changed again
///                    /record  what is known about it, /implied paths it does not describe,
///                    /blob-<hex> that this blob was unpacked to it
///     stacks/<chainID>        how an image's layers are stacked
///     staging/                what is on its way, and locks
package struct ImageStore: Sendable {
    package let root: FilePath
    /// Where layers are unpacked.
    package let unpacking: Unpacking
    /// What layers may be at most.
    package let limits: UnpackLimits

    /// Opens the store beneath a folder and makes what is missing of it, for root's eyes only:
    /// layers hold other people's setuid programs.
    package init(
        root: FilePath,
        unpacking: Unpacking = .inProcess,
        limits: UnpackLimits = UnpackLimits()
    ) throws(SyscallError) {
        self.root = root
        self.unpacking = unpacking
        self.limits = limits
        for folder in [blobs, layers, stacks, staging] { try makeDirectories(folder, mode: 0o700) }
    }

    var blobs: FilePath { root.appending("blobs").appending("sha256") }
    var layers: FilePath { root.appending("layers") }
    var stacks: FilePath { root.appending("stacks") }
    var staging: FilePath { root.appending("staging") }

    /// A path in staging that nobody else uses.
    func stagingPath(_ purpose: String) -> FilePath {
        staging.appending("\(purpose)-\(String(UInt64.random(in: .min ... .max), radix: 36))")
    }
}

/// Whether something is there; a path that cannot be examined is not.
func exists(_ path: FilePath) -> Bool {
    path.withPlatformString { faccessat(AT_FDCWD, $0, F_OK, AT_SYMLINK_NOFOLLOW) == 0 }
}

func renamePath(_ from: FilePath, to: FilePath) throws(SyscallError) {
    _ = try syscall("rename", on: to.string) {
        from.withPlatformString { from in to.withPlatformString { rename(from, $0) } }
    }
    CrashPoint.storePlaced.pass()
}
