import Glibc
package import Linux
package import SystemPackage

/// Files of an image that are given to whoever asked for them: they are the caller's, and no program
/// among them has another user's rights.
package enum TreeDelivery {
    /// Copies what is in `source` into a folder, which is made where it is missing and filled up
    /// otherwise: files are replaced, nothing is followed. Gives the bytes that a tar would have.
    package static func copy(
        from source: SharedFD,
        into folder: FilePath,
        modifiedSeconds: Int? = nil
    ) throws(SyscallError) -> Int64 {
        try makeDirectories(folder)
        var style = TreeCopy.Style()
        style.replaces = true
        style.keepsOwners = false
        style.modifiedSeconds = modifiedSeconds
        style.describesTop = false
        var copy = TreeCopy(
            into: SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY)),
            style: style
        )
        try copy.run(from: source)
        return copy.archivedBytes
    }
}
