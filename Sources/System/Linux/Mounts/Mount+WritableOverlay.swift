import CLinux
import Glibc
package import SystemPackage

extension Mount {
    /// Lays a folder that can be written over others at a path of ours; layers topmost first. As
    /// `overlay(_:at:source:)` else.
    package static func overlay(
        _ layers: [FilePath],
        upper: FilePath,
        work: FilePath,
        at place: FilePath
    ) throws(SyscallError) {
        let opened = try (layers + [upper, work]).map { (layer) throws(SyscallError) in
            SharedFD(try openFile(layer, O_PATH | O_DIRECTORY))
        }
        let names = opened.map { $0.with { "/proc/self/fd/\($0)" } }
        let options =
            "redirect_dir=nofollow,metacopy=off,index=off,lowerdir="
            + names.dropLast(2).joined(separator: ":")
            + ",upperdir=\(names[layers.count]),workdir=\(names[layers.count + 1])"
        try withExtendedLifetime(opened) { () throws(SyscallError) in
            _ = try syscall("mount", on: "overlay at \(place)") {
                Glibc.mount("overlay", place.string, "overlay", 0, options)
            }
        }
    }
}
