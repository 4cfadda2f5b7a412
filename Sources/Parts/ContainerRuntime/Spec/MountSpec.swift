package import OCI

/// One mount of a container, beyond the default ones.
package struct MountSpec: Hashable, Codable, Sendable {
    /// What is mounted.
    package enum Source: Hashable, Codable, Sendable {
        /// A path of the host, symbolic links resolved once at start.
        /// With `create`, a missing one is made as an empty directory (the short syntax).
        case bind(path: String, create: Bool)
        /// A volume of ours by its record's name; a new one takes the image's content at the
        /// target unless `copiesImageContent` is false (compose-spec `nocopy`).
        case volume(name: String, copiesImageContent: Bool)
        /// A volume of the container's own: its record is made, and named, with the container's,
        /// and stands here as `.volume` before the runtime sees it.
        case anonymousVolume(copiesImageContent: Bool)
        /// A memory file system; nil size is the kernel's default, `mode` are permission bits.
        case tmpfs(sizeBytes: Int64?, mode: UInt32?)
        /// What an image holds, read-only: by the digest of its configuration, and as it was asked for.
        case image(digest: Digest, name: String)
        /// A config or a secret.
        case given(GivenFile)
    }

    package var source: Source
    /// Absolute path beneath the root, cleaned.
    package var target: String
    package var readOnly: Bool
    package var propagation: Propagation = .private
    /// What of the mounts beneath a bind is mounted with it; nil is all, each as the bind is.
    package var recursion: Recursion?
    /// The folder of a volume, or what of an image, is mounted in the place of the whole; nil is the whole.
    package var subpath: String?
    /// Of a memory file system, what tmpfs(5) and mount(8) have beside size and mode; nil for none.
    package var tmpfsOptions: [String]?
    /// Of a bind, `nosuid`, `nodev` and `noexec` of mount(8); nil for none.
    package var bindOptions: [String]?
    /// Of a bind: the container's user has what the folder's owner has, and what it makes there is the
    /// owner's. nil is false.
    package var mapsOwner: Bool?
    /// Of a volume of the container's own; nil for none.
    package var labels: [String: String]?

    /// What differs from a bind with all that is beneath it.
    package enum Recursion: String, Hashable, Codable, Sendable {
        /// What is mounted beneath it is not there.
        case disabled
        /// Read-only is the bind alone.
        case writable
    }

    /// mount_namespaces(7); recursive.
    package enum Propagation: String, Hashable, Codable, Sendable {
        case `private`, slave, shared
    }

    package init(source: Source, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}
