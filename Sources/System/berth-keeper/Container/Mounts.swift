import CLinux

/// Descriptors that later steps need of what was mounted.
struct Places {
    /// Our procfs without anything mounted upon it; -1 when there is none.
    var procfs: CInt = -1
    /// `/dev/null` as made by us, checked.
    var null: CInt = -1
    /// Our `/dev` and the file system of terminals in it, where a terminal is to be made; else -1.
    var devices: CInt = -1
    var terminals: CInt = -1
}

extension Child {
    /// Opens the sources of binds as detached copies, while the host's tree is as it was:
    /// whoever changes it afterwards changes nothing here.
    func openMountSources() -> UnsafeMutablePointer<CInt> {
        let mounts = spec.list(spec.fields.mounts, of: keeper_mount.self)
        let sources = UnsafeMutablePointer<CInt>.allocate(capacity: mounts.count)
        for index in 0..<mounts.count {
            sources[index] = mounts[index].given
            guard mounts[index].kind == KeeperMountKind.bind.rawValue else { continue }
            let path = spec.path(mounts[index].source)
            sources[index] = must(copyTree(AT_FDCWD, path, recursive: true), .mountSource, index)
        }
        return sources
    }

    /// Mounts everything in the given order, each on a target resolved to a descriptor.
    func mountAll(on root: CInt, sources: UnsafeMutablePointer<CInt>) -> Places {
        let mounts = spec.list(spec.fields.mounts, of: keeper_mount.self)
        var places = Places()
        for index in 0..<mounts.count {
            let wanted = mounts[index]
            var tree = sources[index]
            if tree < 0 {
                tree = newFileSystem(wanted)
                if tree < 0 {
                    if wanted.flags & UInt32(KEEPER_MOUNT_OPTIONAL) == 0 { fail(.mount, index) }
                    warn(.mount, index)
                    continue
                }
            } else {
                setAttributes(of: tree, wanted, index)
            }
            let target = openTarget(root: root, wanted, for: tree, index)
            must(attach(tree, target), .mount, index)
            _ = close(target)
            for link in spec.list(wanted.links, of: keeper_pair.self) {
                must(symlinkat(spec.path(link.value), tree, spec.path(link.key)), .mount, index)
            }
            if wanted.kind == KeeperMountKind.devices.rawValue {
                places.null = fillDevices(tree)
                if spec.has(KEEPER_TERMINAL) {
                    places.devices = tree
                    continue
                }
            } else if spec.has(KEEPER_TERMINAL),
                wanted.flags & UInt32(KEEPER_MOUNT_IS_TERMINALS) != 0
            {
                places.terminals = tree
                continue
            } else if wanted.flags & UInt32(KEEPER_MOUNT_IS_PROC) != 0 {
                places.procfs = tree
                continue
            }
            _ = close(tree)
        }
        return places
    }

    /// A detached new file system; -1 with errno.
    private func newFileSystem(_ wanted: keeper_mount) -> CInt {
        let isDevices = wanted.kind == KeeperMountKind.devices.rawValue
        let type = isDevices ? c("tmpfs") : spec.path(wanted.source)
        let context = fsopen(type, UInt32(FSOPEN_CLOEXEC))
        guard context >= 0 else { return -1 }
        defer {
            let error = berth_errno()
            _ = close(context)
            berth_set_errno(error)
        }
        // What the first column of /proc/mounts shows.
        _ = fsconfig(context, FSCONFIG_SET_STRING.rawValue, c("source"), type, 0)
        for option in spec.list(wanted.options, of: keeper_pair.self) {
            let key = spec.path(option.key)
            let result =
                if let value = spec.text(option.value) {
                    fsconfig(context, FSCONFIG_SET_STRING.rawValue, key, value, 0)
                } else {
                    fsconfig(context, FSCONFIG_SET_FLAG.rawValue, key, nil, 0)
                }
            if result < 0 { return -1 }
        }
        guard fsconfig(context, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0) == 0 else { return -1 }
        return fsmount(context, UInt32(FSMOUNT_CLOEXEC), UInt32(wanted.attributes))
    }

    /// On a detached tree and all that is mounted in it: read-only is read-only throughout.
    private func setAttributes(of tree: CInt, _ wanted: keeper_mount, _ index: Int) {
        must(
            berth_mount_setattr(
                tree,
                c(""),
                UInt32(AT_EMPTY_PATH | AT_RECURSIVE),
                wanted.attributes,
                0,
                wanted.propagation
            ),
            .mount,
            index
        )
    }

    private func openTarget(
        root: CInt,
        _ wanted: keeper_mount,
        for tree: CInt,
        _ index: Int
    ) -> CInt {
        let path = spec.path(wanted.target)
        if wanted.flags & UInt32(KEEPER_MOUNT_OURS) != 0 {
            if wanted.flags & UInt32(KEEPER_MOUNT_CREATE) != 0 {
                _ = mkdirat(root, path + 1, 0o755)
            }
            return must(
                openBeneath(root, path, O_PATH, Resolve.beneath | Resolve.noSymlinks),
                .mountTarget,
                index
            )
        }
        let isDirectory = FileKind.directory.matches(tree)
        let target = must(
            openMaking(root, path, isDirectory: isDirectory),
            .mountTarget,
            index
        )
        if isDirectory != FileKind.directory.matches(target) {
            fail(.mountTarget, index, error: isDirectory ? ENOTDIR : EISDIR)
        }
        var fileSystem = statfs()
        must(fstatfs(target, &fileSystem), .mountTarget, index)
        if Int(fileSystem.f_type) == Int(PROC_SUPER_MAGIC) {
            fail(.mountTargetProtected, index, error: EPERM)
        }
        return target
    }

}

/// A detached copy of what is mounted at a path, or of a descriptor where the path is empty.
func copyTree(_ directory: CInt, _ path: CText, recursive: Bool) -> CInt {
    var flags = UInt32(OPEN_TREE_CLONE) | UInt32(O_CLOEXEC)
    if recursive { flags |= UInt32(AT_RECURSIVE) }
    if path.pointee == 0 { flags |= UInt32(AT_EMPTY_PATH) }
    return open_tree(directory, path, flags)
}

/// Mounts a detached tree on a descriptor; no path is resolved any more.
func attach(_ tree: CInt, _ target: CInt) -> CInt {
    move_mount(
        tree,
        c(""),
        target,
        c(""),
        UInt32(MOVE_MOUNT_F_EMPTY_PATH) | UInt32(MOVE_MOUNT_T_EMPTY_PATH)
    )
}
