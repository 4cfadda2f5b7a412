import Glibc
import ImageStore
import Linux
package import OCI
package import SystemPackage

/// An image's file system mounted for looking at. The kernel's table of mounts is the only record:
/// what it says cannot be out of date, whoever unmounts and after a reboot.
package struct ImageMount: Hashable, Sendable {
    package var image: Digest
    package var path: FilePath

    /// `berth-image:<hex>@<root>`, the mount's source: whose image it shows.
    static func source(_ image: Digest, _ layout: Layout) -> String {
        "berth-image:\(image.hex)@\(layout.root)"
    }

    /// Those of a state folder that this process can see.
    static func all(_ layout: Layout) throws(SyscallError) -> [ImageMount] {
        try MountInfo.current().compactMap { ImageMount($0, layout) }
    }

    /// nil for any other mount.
    init?(_ mount: MountInfo, _ layout: Layout) {
        let parts = mount.source.split(separator: "@", maxSplits: 1)
        guard parts.count == 2, parts[1] == layout.root.string,
            parts[0].hasPrefix("berth-image:"),
            let image = Digest(hex: String(parts[0].dropFirst("berth-image:".count)))
        else { return nil }
        self.image = image
        path = FilePath(mount.mountPoint)
    }

    init(image: Digest, path: FilePath) {
        self.image = image
        self.path = path
    }
}

extension Layout {
    /// Where images are mounted unless somebody says where.
    var imageMounts: FilePath { run.appending("image-mounts") }
}

extension Engine {
    /// Every image that is mounted, in the order of mounting.
    package func imageMounts() throws -> [ImageMount] { try ImageMount.all(layout) }

    /// Mounts an image read-only, at a folder that is there or, without one, at one of ours. What
    /// is mounted there already stays. Garbage collection leaves its layers alone meanwhile.
    package func mountImage(matching text: String, at folder: FilePath?) async throws -> ImageMount
    {
        let attempt = "cannot mount image `\(text)`"
        // Its layers stay until the mount itself keeps them.
        let hold = try await imageStore.hold()
        guard let image = try await image(matching: text) else {
            throw EngineError.noSuchImage(text)
        }
        let place = folder ?? layout.imageMounts.appending(String(image.id.hex.prefix(12)))
        let mount = ImageMount(image: image.id, path: place)
        if let there = try imageMounts().last(where: { $0.path == place }) {
            guard there.image == image.id else {
                throw EngineError(
                    .inUse,
                    attempt,
                    because: "image \(there.image) is mounted at \(place)",
                    remedy: "`berth image unmount \(place)` first"
                )
            }
            return mount
        }
        let (imageStore, layout) = (imageStore, layout)
        try await blocking { () throws(any Error) in
            if folder == nil { try makeDirectories(place) }
            let layers = try imageStore.lowerDirectories(for: image.layers.map(\.diffID))
            try Mount.overlay(
                layers + (try emptyFolders(besides: layers.count)),
                at: place,
                source: ImageMount.source(image.id, layout)
            )
        }
        return withExtendedLifetime(hold) { mount }
    }

    /// What makes of the layers of an image the two that overlay wants at least.
    func emptyFolders(besides count: Int) throws -> [FilePath] {
        try ["empty", "nothing"].prefix(max(2 - count, 0)).map { name in
            let folder = layout.imageMounts.appending(name)
            try makeDirectories(folder)
            return folder
        }
    }

    /// Unmounts an image, by its name or identifier wherever it is, or by a place. Gives what was
    /// unmounted: nothing when it was not mounted.
    package func unmountImage(matching text: String) async throws -> [ImageMount] {
        let mounts = try imageMounts()
        var chosen = mounts.filter { $0.path.string == text }
        if chosen.isEmpty, !text.hasPrefix("/") {
            guard let image = try await image(matching: text) else {
                throw EngineError(
                    .notFound,
                    "cannot unmount `\(text)`",
                    because: "no such image, and nothing is mounted at a folder of that name"
                )
            }
            chosen = mounts.filter { $0.image == image.id }
        }
        for mount in chosen.reversed() { try Self.unmount(mount, layout) }
        return chosen
    }

    private static func unmount(_ mount: ImageMount, _ layout: Layout) throws {
        do throws(SyscallError) {
            _ = try syscall("umount2", on: mount.path.string) {
                mount.path.withPlatformString { umount2($0, CInt(UMOUNT_NOFOLLOW)) }
            }
        } catch {
            // Somebody else was faster.
            if error.errno == EINVAL || error.errno == ENOENT { return }
            guard error.errno == EBUSY else { throw error }
            throw EngineError(
                .inUse,
                "cannot unmount \(mount.path)",
                because: "a process works in it",
                remedy: "leave it first; `fuser -vm \(mount.path)` names it"
            )
        }
        guard mount.path.starts(with: layout.imageMounts) else { return }
        // One that is not empty, or gone, is not ours to remove.
        _ = mount.path.withPlatformString { rmdir($0) }
    }

    /// The blobs and layers of what is mounted, which stay even when its record is gone.
    func mountedRoots() throws -> StoreRoots {
        var roots = StoreRoots()
        for mount in try imageMounts() where imageStore.hasBlob(mount.image) {
            let bytes = try imageStore.readBlob(mount.image)
            roots.blobs.insert(mount.image)
            roots.layers.formUnion(try ImageConfiguration(bytes: bytes).diffIDs)
        }
        return roots
    }
}
