import CLinux

/// Has the kernel killed something for want of memory? Both `memory.events` of v2 and
/// `memory.oom_control` of v1 count in a line `oom_kill N`.
func wasOOMKilled(_ fd: CInt) -> Bool {
    guard fd >= 0 else { return false }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
        let count = pread(fd, buffer.baseAddress, buffer.count - 1, 0)
        guard count > 0, let base = buffer.baseAddress else { return false }
        base[count] = 0
        guard let line = strstr(base, c("oom_kill ")) else { return false }
        return line[9] != CChar(UInt8(ascii: "0"))
    }
}

/// Removes a container's cgroups, and those of processes that were executed in it. The kernel
/// lets go of a dead process a moment after it was waited for.
func removeCgroups(_ spec: Spec) {
    for text in spec.list(spec.fields.cgroup_paths, of: keeper_text.self) {
        let path = spec.path(text)
        var tries = 200
        while rmdir(path) < 0 && berth_errno() == EBUSY && tries > 0 {
            removeFolders(in: path)
            tries -= 1
            _ = poll(nil, 0, 1)
        }
    }
    for text in spec.list(spec.fields.cgroup_parents, of: keeper_text.self) {
        _ = rmdir(spec.path(text))
    }
}

private func removeFolders(in path: CText) {
    guard let directory = opendir(path) else { return }
    defer { _ = closedir(directory) }
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)
        }
        if name[0] == CChar(UInt8(ascii: ".")) { continue }
        if entry.pointee.d_type == UInt8(DT_DIR) {
            _ = unlinkat(dirfd(directory), name, AT_REMOVEDIR)
        }
    }
}
