import CLinux

extension Child {
    /// Makes the nodes and folders of `/dev` by the descriptor of its fresh tmpfs, and
    /// gives a descriptor of its null device.
    func fillDevices(_ dev: CInt) -> CInt {
        let nodes = spec.list(spec.fields.nodes, of: keeper_node.self)
        for index in 0..<nodes.count { makeNode(nodes[index], beneath: dev, index) }
        must(mkdirat(dev, c("pts"), 0o755), .device)
        must(mkdirat(dev, c("shm"), 0o1777), .device)
        must(mkdirat(dev, c("mqueue"), 0o755), .device)
        let null = must(
            berth_openat(dev, c("null"), O_PATH | O_NOFOLLOW | O_CLOEXEC, 0),
            .device
        )
        if !isDevice(null, 1, 3) { fail(.device, 0, error: ENODEV) }
        replaceNullStreams { openNull(in: dev) }
        return null
    }

    /// Puts a null device of the container's own in the place of every standard stream that is one:
    /// that was the host's, whose mode, owner and times the container could change.
    func replaceNullStreams(with open: () -> CInt) {
        for fd in CInt(0)...2 where isDevice(fd, 1, 3) {
            let null = must(open(), .stdio)
            must(dup2(null, fd), .stdio)
            _ = close(null)
        }
    }

    /// Opens the null device of a file system that nobody else has, after a look at what it is.
    private func openNull(in folder: CInt) -> CInt {
        let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let null = must(berth_openat(folder, c("null"), flags, 0), .stdio)
        if !isDevice(null, 1, 3) { fail(.stdio, 0, error: ENODEV) }
        _ = berth_fcntl(null, F_SETFL, 0)
        return null
    }

    /// For a process that enters a container, whose `/dev` may be hostile by now: input that is at
    /// its end is an empty pipe, and output goes to a null device that is nowhere mounted.
    func separateFromHost() {
        if isDevice(0, 1, 3) {
            var pipe = (CInt(-1), CInt(-1))
            if !makePipe(&pipe) { fail(.stdio) }
            must(dup2(pipe.0, 0), .stdio)
            _ = close(pipe.0)
            _ = close(pipe.1)
        }
        replaceNullStreams { makeNull() }
    }

    private func makeNull() -> CInt {
        let context = must(fsopen(c("tmpfs"), UInt32(FSOPEN_CLOEXEC)), .stdio)
        must(fsconfig(context, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0), .stdio)
        let folder = must(fsmount(context, UInt32(FSMOUNT_CLOEXEC), 0), .stdio)
        _ = close(context)
        let mask = umask(0)
        let mode = FileKind.characterDevice.rawValue | 0o666
        must(mknodat(folder, c("null"), mode, berth_makedev(1, 3)), .stdio)
        _ = umask(mask)
        let null = openNull(in: folder)
        _ = close(folder)
        return null
    }

    /// Makes the nodes that are not in `/dev`, in what is mounted by now. One that an earlier start
    /// has left is as good as a new one.
    func makeOuterNodes(root: CInt) {
        let before = Int(spec.fields.nodes.count)
        let nodes = spec.list(spec.fields.outer_nodes, of: keeper_node.self)
        for index in 0..<nodes.count { makeNode(nodes[index], beneath: root, before + index) }
    }

    private func makeNode(_ node: keeper_node, beneath base: CInt, _ index: Int) {
        guard let folder = spec.text(node.folder) else {
            return makeNode(node, in: base, index)
        }
        let place = must(openMaking(base, folder, isDirectory: true), .device, index)
        makeNode(node, in: place, index)
        _ = close(place)
    }

    private func makeNode(_ node: keeper_node, in place: CInt, _ index: Int) {
        let name = spec.path(node.name)
        let device = berth_makedev(node.major, node.minor)
        if mknodat(place, name, mode_t(node.mode), device) < 0 {
            let error = berth_errno()
            if error == EPERM { return bindNode(node, name, in: place, index) }
            guard error == EEXIST, isThere(node, name, in: place) else {
                fail(.device, index, error: error)
            }
        }
        guard node.user != 0 || node.group != 0 else { return }
        let (user, group) = (hostUser(node.user), hostGroup(node.group))
        must(fchownat(place, name, user, group, AT_SYMLINK_NOFOLLOW), .device, index)
    }

    /// Who may not make device nodes takes the host's, after a look at what it is.
    private func bindNode(_ node: keeper_node, _ name: CText, in place: CInt, _ index: Int) {
        let source = spec.path(node.source)
        let tree = must(copyTree(AT_FDCWD, source, recursive: false), .device, index)
        if !isNode(tree, node) { fail(.device, index, error: ENODEV) }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        var target = berth_openat(place, name, flags, 0o666)
        if target < 0 && berth_errno() == EEXIST {
            target = berth_openat(place, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)
        }
        must(target, .device, index)
        must(attach(tree, target), .device, index)
        _ = close(target)
        _ = close(tree)
    }

    private func isThere(_ node: keeper_node, _ name: CText, in place: CInt) -> Bool {
        let found = berth_openat(place, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0)
        guard found >= 0 else { return false }
        defer { _ = close(found) }
        return isNode(found, node)
    }

    private func isNode(_ fd: CInt, _ node: keeper_node) -> Bool {
        var status = stat()
        return fstat(fd, &status) == 0 && (status.st_mode ^ mode_t(node.mode)) & 0o170000 == 0
            && status.st_rdev == berth_makedev(node.major, node.minor)
    }

    private func isDevice(_ fd: CInt, _ major: UInt32, _ minor: UInt32) -> Bool {
        var status = stat()
        return fstat(fd, &status) == 0 && FileKind.characterDevice.matches(status)
            && status.st_rdev == berth_makedev(major, minor)
    }
}
