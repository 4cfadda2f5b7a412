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

/// Kills what is in a container's cgroup: what does not end with its init.
func killCgroup(_ spec: Spec) {
    guard let text = spec.list(spec.fields.cgroup_paths, of: keeper_text.self).first else { return }
    // Not opened before: it may have been removed and made again.
    let folder = berth_open(spec.path(text), O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
    guard folder >= 0 else { return }
    defer { _ = close(folder) }
    let file = berth_openat(folder, c("cgroup.kill"), O_WRONLY | O_CLOEXEC, 0)
    if file >= 0 {
        _ = write(file, c("1"), 1)
        _ = close(file)
        return
    }
    // Before Linux 5.14 one by one, until none is left that could have forked another.
    var tries = 200
    while killEach(in: folder) && tries > 0 {
        tries -= 1
        _ = poll(nil, 0, 1)
    }
}

/// False when there is nobody. A number that was read may be another process's by the time it is
/// opened: so it is looked for again, and what was opened is alive after that.
private func killEach(in folder: CInt) -> Bool {
    var found = false
    eachProcess(in: folder) { number in
        found = true
        let process = berth_pidfd_open(number, 0)
        guard process >= 0 else { return }
        var isInside = false
        eachProcess(in: folder) { other in if other == number { isInside = true } }
        if isInside { _ = berth_pidfd_send_signal(process, SIGKILL) }
        _ = close(process)
    }
    return found
}

/// What `cgroup.procs` of a folder names.
private func eachProcess(in folder: CInt, _ body: (pid_t) -> Void) {
    let file = berth_openat(folder, c("cgroup.procs"), O_RDONLY | O_CLOEXEC, 0)
    guard file >= 0 else { return }
    defer { _ = close(file) }
    var number: pid_t = 0
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { buffer in
        while case let count = read(file, buffer.baseAddress, buffer.count), count > 0 {
            for index in 0..<count {
                if buffer[index] == UInt8(ascii: "\n") {
                    body(number)
                    number = 0
                } else {
                    number = number &* 10 &+ pid_t(buffer[index] &- 48)
                }
            }
        }
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
