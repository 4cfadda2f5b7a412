package import OCI
package import SystemPackage

/// Where a build cache is kept beside this machine's own.
package enum CachePlace: Hashable, Sendable, CustomStringConvertible {
    /// A folder that is an OCI layout, and a name in it; or a manifest's digest.
    case folder(FilePath, tag: String)
    /// A name in a registry: a cache, or an image that has one inside.
    case registry(ImageReference)

    /// The member of an image's configuration that has the cache of the image (`type=inline`).
    package static let memberOfImages = "berth.buildcache.v1"

    package var description: String {
        switch self {
        case .folder(let path, let tag): "\(path) (\(tag))"
        case .registry(let reference): reference.familiar
        }
    }
}
