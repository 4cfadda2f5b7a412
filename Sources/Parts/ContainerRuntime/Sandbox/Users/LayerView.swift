import CLinux
import Glibc
package import Linux
package import SystemPackage

/// The root file system of a container that does not run, read-only and mounted nowhere: what
/// users are looked up in.
package enum LayerView {
    /// Opens the union of layers, topmost first; nil when there is none. The container's own upper
    /// directory counts as the topmost.
    package static func open(_ layers: [FilePath]) throws(SyscallError) -> Root? {
        guard let first = layers.first else { return nil }
        guard layers.count > 1 else { return try Root(first) }
        return Root(SharedFD(try mount(layers)), name: "image")
    }

    private static func mount(_ layers: [FilePath]) throws(SyscallError) -> OwnedFD {
        let attributes = UInt32(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
        do throws(SyscallError) {
            let overlay = try FileSystemContext("overlay")
            for layer in layers { try overlay.set("lowerdir+", layer.string) }
            return try overlay.mount(attributes: attributes)
        } catch  where error.errno == EINVAL {
            // Before Linux 6.8.
            return try PrivateMount.overlay(layers)
        }
    }
}
