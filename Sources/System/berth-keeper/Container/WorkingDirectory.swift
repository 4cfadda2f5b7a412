import CLinux

extension Child {
    /// While the root can still be written.
    func makeWorkingDirectory(root: CInt) {
        let path = spec.path(spec.fields.working_directory)
        let fd = must(openMaking(root, path, isDirectory: true), .workingDirectory)
        _ = close(fd)
    }

    /// Enters it when no descriptor of the host is left that a path could lead to, and looks
    /// whether it is in the container: getcwd says "(unreachable)…" otherwise.
    func enterWorkingDirectory() {
        let path = spec.path(spec.fields.working_directory)
        let root = must(berth_open(c("/"), O_PATH | O_DIRECTORY | O_CLOEXEC, 0), .workingDirectory)
        let place = must(openInRoot(root, path, O_PATH | O_DIRECTORY), .workingDirectory)
        must(fchdir(place), .workingDirectory)
        _ = close(place)
        _ = close(root)
        let isInside = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            getcwd(buffer.baseAddress, buffer.count) != nil
                && buffer[0] == CChar(UInt8(ascii: "/"))
        }
        if !isInside { fail(.workingDirectory, 0, error: ENOENT) }
    }
}
