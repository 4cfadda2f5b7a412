import CLinux
import Glibc
package import Linux
package import SystemPackage

/// The file system of a container that does not run, as it was and will be: its layers, what it
/// changed, and its volumes. What is only there while it runs (`/proc`, memory) is not.
package struct RestingFiles: Sendable {
    /// Of the image, topmost first.
    package var layers: [FilePath]
    /// That between image and container.
    package var initLayer: FilePath
    /// The container's own folder.
    package var folder: FilePath
    /// Folders and files of the host that are mounted in it, in order.
    package var mounts: [Mounted] = []
    /// Nothing outside of its volumes may be changed.
    package var isReadOnly: Bool

    /// One of those folders and files.
    package struct Mounted: Sendable {
        var source: Source
        var target: String
        var isReadOnly: Bool

        /// One that is not there is left out.
        package init(_ source: Source, at target: String, isReadOnly: Bool) {
            self.source = source
            self.target = target
            self.isReadOnly = isReadOnly
        }
    }

    /// What is mounted.
    package enum Source: Sendable {
        case path(FilePath)
        /// A folder in a volume: links in it lead nowhere else.
        case beneath(FilePath, FilePath)

        fileprivate func clone() throws(SyscallError) -> OwnedFD {
            switch self {
            case .path(let path): return try Mount.clone(path)
            case .beneath(let folder, let path):
                let place = try Root(folder).open(path, O_PATH, crossingMounts: false)
                return try Mount.clone(place, subject: "\(folder)/\(path)")
            }
        }
    }

    /// The parts of its file system.
    package init(layers: [FilePath], initLayer: FilePath, folder: FilePath, isReadOnly: Bool) {
        self.layers = layers
        self.initLayer = initLayer
        self.folder = folder
        self.isReadOnly = isReadOnly
    }

    /// Mounts everything in a mount namespace of the calling thread's own, which has to be a thread
    /// for this alone: what is mounted ends with it.
    package func enter(name: String) throws -> Root {
        let own = ContainerFolder(folder)
        try own.prepareOverlay(like: layers.first)
        let merged = folder.appending("merged")
        _ = try syscall("unshare", on: "mount namespace") { berth_unshare(CLONE_NEWNS) }
        _ = try syscall("mount", on: "/") {
            Glibc.mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
        }
        try Mount.overlay(
            [initLayer] + layers,
            upper: own.upper,
            work: folder.appending("work"),
            at: merged
        )
        let root = Root(
            SharedFD(try openFile(merged, O_PATH | O_DIRECTORY)),
            name: name
        )
        let files = [
            (own.hosts, "/etc/hosts"), (own.hostname, "/etc/hostname"),
            (own.resolvConf, "/etc/resolv.conf"),
        ].map { Mounted(.path($0.0), at: $0.1, isReadOnly: isReadOnly) }
        let taken = Set(mounts.map(\.target))
        for mount in mounts + files.filter({ !taken.contains($0.target) }) {
            try attach(mount, beneath: root)
        }
        if isReadOnly {
            try root.open("/", O_PATH | O_DIRECTORY).markReadOnly(recursive: false)
        }
        return root
    }

    private func attach(_ mount: Mounted, beneath root: Root) throws(SyscallError) {
        let tree: OwnedFD
        do throws(SyscallError) {
            tree = try mount.source.clone()
        } catch  where error.errno == ENOENT {
            return
        }
        let isFolder = try tree.with { fd throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat", on: mount.target) { fstat(fd, &status) }
            return status.st_mode & S_IFMT == S_IFDIR
        }
        if mount.isReadOnly { try tree.markReadOnly(recursive: true) }
        let target = try place(mount.target, isFolder: isFolder, beneath: root)
        try Mount.attach(tree, to: target, subject: mount.target)
    }

    /// Made where it is not there, as at a start.
    private func place(
        _ target: String,
        isFolder: Bool,
        beneath root: Root
    ) throws(SyscallError) -> OwnedFD {
        if isFolder { return try root.makeDirectories(FilePath(target)) }
        do throws(SyscallError) {
            return try root.open(FilePath(target), O_PATH)
        } catch  where error.errno == ENOENT {
            try root.makeDirectories(FilePath(target).removingLastComponent())
            _ = try root.open(FilePath(target), O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            return try root.open(FilePath(target), O_PATH)
        }
    }
}

extension OwnedFD {
    fileprivate borrowing func markReadOnly(recursive: Bool) throws(SyscallError) {
        try Mount.setAttributes(self, set: MountPlan.Attribute.readOnly, recursive: recursive)
    }
}
