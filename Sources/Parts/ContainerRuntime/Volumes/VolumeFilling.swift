import Glibc
package import Linux
package import SystemPackage

/// A volume that is filled from outside: no container starts with it meanwhile.
package struct VolumeFilling: Sendable {
    let place: FilePath
    private let held: FileLock?

    /// Waits for whoever fills it now. `isOurs`: nothing may be kept beside a folder that is not.
    package init(_ place: FilePath, isOurs: Bool) throws(SyscallError) {
        self.place = place
        held = isOurs ? try VolumeContent(volume: place).hold() : nil
    }

    /// Puts what is in a folder into the volume: files are replaced, folders filled up, and nothing is
    /// followed. `implied` are folders of which nothing is known but that they are there.
    package func fill(from folder: FilePath, implied: Set<FilePath>) throws(SyscallError) {
        var style = TreeCopy.Style()
        style.replaces = true
        style.implied = implied
        let into = SharedFD(try openFile(place, O_RDONLY | O_DIRECTORY))
        var copy = TreeCopy(into: into, style: style)
        try copy.run(from: SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY)))
        withExtendedLifetime(held) {}
    }
}
