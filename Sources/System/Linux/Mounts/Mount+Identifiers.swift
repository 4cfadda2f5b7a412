import CLinux
import Glibc

extension Mount {
    /// Shows the files of a mount that is nowhere, and of those beneath it, with the identifiers that a
    /// user namespace has for them (mount_setattr(2), ID-mapped mounts). The file systems must know how;
    /// those that do not answer EINVAL.
    package static func mapIdentifiers(
        of mount: SharedFD,
        by namespace: SharedFD
    ) throws(SyscallError) {
        let flags = UInt32(AT_EMPTY_PATH) | UInt32(AT_RECURSIVE)
        try mount.with { mount throws(SyscallError) in
            try namespace.with { namespace throws(SyscallError) in
                _ = try syscall("mount_setattr", on: "identifiers") {
                    berth_map_identifiers(mount, flags, namespace)
                }
            }
        }
    }
}
