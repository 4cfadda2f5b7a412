import Glibc
import Linux
import SystemPackage

/// The read-only layer of ours between image and container: real directories and files at the
/// places where we mount, so that an image cannot redirect our mounts with links of its own
/// (CVE-2026-41579 and its like).
enum InitLayer {
    /// Changing what is in it means a new name: running containers use the old one.
    private static let name = "init-layer-1"
    private static let folders = ["dev", "proc", "sys", "etc"]
    private static let files = ["etc/hosts", "etc/hostname", "etc/resolv.conf", ".dockerenv"]

    /// Where it is beneath `<root>`, made whole at the first call.
    static func ensure(in root: FilePath) throws(SyscallError) -> FilePath {
        let place = root.appending(name)
        if place.withPlatformString({ access($0, F_OK) }) == 0 { return place }
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let making = root.appending(".\(name).\(random).tmp")
        try build(making)
        let failed = making.withPlatformString { from in
            place.withPlatformString { rename(from, $0) != 0 }
        }
        if failed {
            let code = errno
            // Somebody else was faster, and his is the same.
            try removeTree(making)
            if code != EEXIST && code != ENOTEMPTY {
                throw SyscallError(call: "rename", subject: place.string, errno: code)
            }
        }
        return place
    }

    private static func build(_ place: FilePath) throws(SyscallError) {
        try makeDirectories(place, mode: 0o755)
        for folder in folders { try makeDirectories(place.appending(folder), mode: 0o755) }
        for file in files {
            try atomicWrite([], to: place.appending(file), mode: 0o644, synced: false)
        }
        _ = try syscall("symlink", on: "etc/mtab") {
            place.appending("etc/mtab").withPlatformString { symlink("/proc/mounts", $0) }
        }
        for folder in [""] + folders {
            let path = folder.isEmpty ? place : place.appending(folder)
            _ = try syscall("chmod", on: path.string) {
                path.withPlatformString { chmod($0, 0o755) }
            }
        }
    }
}
