import CLinux
import Glibc
package import SystemPackage

extension Mount {
    /// Mounts folders over each other read-only at a path of ours, topmost first, two at least. No
    /// device of an image works there, no setuid program has its power. `source` is shown in the
    /// table of mounts. Blocks for a moment.
    ///
    /// Folders are named by descriptor, so that a page of options holds hundreds of them.
    package static func overlay(
        _ layers: [FilePath],
        at place: FilePath,
        source: String
    ) throws(SyscallError) {
        let opened = try layers.map { (layer) throws(SyscallError) in
            SharedFD(try openFile(layer, O_PATH | O_DIRECTORY))
        }
        let names = opened.map { $0.with { "/proc/self/fd/\($0)" } }
        let options = "redirect_dir=nofollow,metacopy=off,lowerdir=" + names.joined(separator: ":")
        let flags = UInt(MS_RDONLY) | UInt(MS_NOSUID) | UInt(MS_NODEV)
        try withExtendedLifetime(opened) { () throws(SyscallError) in
            _ = try syscall("mount", on: "overlay at \(place)") {
                Glibc.mount(source, place.string, "overlay", flags, options)
            }
        }
    }
}
