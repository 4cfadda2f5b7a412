import CLinux
import Glibc
import Linux
import SystemPackage

/// What a new volume begins with: the image's content at the place where it is mounted.
///
/// The volume's folder is never replaced, since another container may have mounted it while it was
/// empty. Content is copied to a place beside the folder and moved in, entry by entry, when it is
/// whole; what a crash interrupts there, the next start of any container with the volume finishes.
/// One container at a time, across processes: the others wait and then see all of it.
struct VolumeContent {
    /// The `_data` folder of the volume.
    let volume: FilePath

    private var lock: FilePath { beside("lock") }
    /// A whole copy that is being moved in.
    private var ready: FilePath { beside("content") }
    /// A copy that is being made; worth nothing after a crash.
    private var making: FilePath { beside("content.tmp") }
    /// Says that the folder has been given an owner and mode. A program may change them later,
    /// also while the volume is empty: they are given again only together with content.
    private var settled: FilePath { beside("settled") }

    /// Fills a volume that is empty, and gives one that is new the owner and mode of the image's
    /// folder. A place that the image does not have, or that is no folder there, changes nothing.
    func copy(from target: String, of view: Root) throws(SyscallError) {
        let held = try FileLock.wait(lock)
        defer { withExtendedLifetime(held) {} }
        try finishMove()
        guard let source = try open(target, in: view) else { return }
        let folder = SharedFD(try openFile(volume, O_RDONLY | O_DIRECTORY))
        guard try DirectoryListing.names(in: folder).isEmpty else { return }
        let hasContent = try !DirectoryListing.names(in: source).isEmpty
        if hasContent || !exists(settled) {
            try TreeCopy(into: folder).copyFolderMetadata(from: source)
            _ = try openFile(settled, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
        }
        guard hasContent else { return }
        try make(from: source)
        try finishMove()
    }

    /// As `copy`, for a folder beside which nothing can be kept, or one beneath a volume: a crash
    /// leaves part of the content. One that is not there is the mount's to complain about.
    func copyDirectly(
        from target: String,
        of view: Root,
        beneath subpath: String? = nil
    ) throws(SyscallError) {
        guard let source = try open(target, in: view),
            let folder = try open(subpath ?? "", in: try Root(volume), crossingMounts: false),
            try DirectoryListing.names(in: folder).isEmpty
        else { return }
        var copy = TreeCopy(into: folder)
        try copy.run(from: source)
    }

    /// As `settle`, and lets nobody fill it until the lock is given back.
    func hold() throws(SyscallError) -> FileLock {
        let held = try FileLock.wait(lock)
        try finishMove()
        _ = try openFile(settled, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
        return held
    }

    /// Waits until nobody is filling the volume, and finishes what a crash interrupted: for a
    /// container that takes the volume as it is.
    func settle() throws(SyscallError) {
        let held = try FileLock.wait(lock)
        defer { withExtendedLifetime(held) {} }
        try finishMove()
    }

    private func make(from source: SharedFD) throws(SyscallError) {
        do throws(SyscallError) {
            try removeTree(making)
            try makeDirectories(making)
            var copy = TreeCopy(into: SharedFD(try openFile(making, O_RDONLY | O_DIRECTORY)))
            try copy.run(from: source)
            _ = try syscall("rename", on: ready.string) {
                making.withPlatformString { from in
                    ready.withPlatformString { rename(from, $0) }
                }
            }
            CrashPoint.volumeContentReady.pass()
        } catch {
            // `try?`: a full disk is the likely cause, and the first error is the one to report.
            try? removeTree(making)
            throw error
        }
    }

    /// Moves a whole copy in. What is in the volume by that name already stays: a container that
    /// runs has written it.
    private func finishMove() throws(SyscallError) {
        guard exists(ready) else { return }
        let from = SharedFD(try openFile(ready, O_RDONLY | O_DIRECTORY))
        let into = SharedFD(try openFile(volume, O_RDONLY | O_DIRECTORY))
        for name in try DirectoryListing.names(in: from) {
            do throws(SyscallError) {
                try from.with { from throws(SyscallError) in
                    try into.with { into throws(SyscallError) in
                        _ = try syscall("rename", on: volume.string) {
                            berth_renameat2(from, name, into, name, UInt32(RENAME_NOREPLACE))
                        }
                    }
                }
            } catch  where error.errno == EEXIST {
                continue
            }
            CrashPoint.volumeContentMoved.pass()
        }
        try removeTree(ready)
    }

    private func beside(_ suffix: String) -> FilePath {
        let name = volume.lastComponent?.string ?? ""
        return volume.removingLastComponent().appending(".\(name).\(suffix)")
    }

    private func exists(_ path: FilePath) -> Bool {
        path.withPlatformString { access($0, F_OK) == 0 }
    }

    private func open(
        _ target: String,
        in view: Root,
        crossingMounts: Bool = true
    ) throws(SyscallError) -> SharedFD? {
        do throws(SyscallError) {
            return SharedFD(
                try view.open(
                    FilePath(target),
                    O_RDONLY | O_DIRECTORY,
                    crossingMounts: crossingMounts
                )
            )
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
    }
}
