package import OCI

/// A config or a secret of a project, as a container gets it: a file that it can only read.
///
/// The content is not here: a spec is kept and shown. Its digest is, so that another content makes
/// another container.
package struct GivenFile: Hashable, Codable, Sendable {
    /// What it is in the file of the project.
    package enum Kind: String, Hashable, Codable, Sendable { case config, secret }

    /// Where the content is.
    package enum Origin: Hashable, Codable, Sendable {
        /// A file or folder of the host, which is mounted as it is.
        case host(path: String)
        /// A file of the container's own, written when it is made; `mode` are permission bits.
        case written(user: UInt32, group: UInt32, mode: UInt32)
    }

    /// Config or secret.
    package var kind: Kind
    /// Its key in the file of the project.
    package var name: String
    /// Where its content is.
    package var origin: Origin
    /// Of the content; nil for a folder, and for what could not be read.
    package var digest: Digest?

    /// Takes a digest of whatever will be there.
    package init(_ kind: Kind, _ name: String, _ origin: Origin, digest: Digest?) {
        self.kind = kind
        self.name = name
        self.origin = origin
        self.digest = digest
    }

    /// Whether it is a file of the container's own.
    package var isWritten: Bool {
        if case .written = origin { true } else { false }
    }
}

extension ContainerSpec {
    /// The files that are the container's own, with the place of each among its mounts, which is
    /// what each is called on disk.
    package var writtenFiles: [(place: Int, target: String, file: GivenFile)] {
        mounts.enumerated().compactMap { place, mount in
            guard case .given(let file) = mount.source, file.isWritten else { return nil }
            return (place, mount.target, file)
        }
    }
}
