import CLinux

extension Child {
    /// Covers files with the null device and directories with one shared empty file system.
    /// What the kernel does not have needs no cover; any other trouble is the end.
    func maskPaths(root: CInt, null: CInt) {
        let paths = spec.list(spec.fields.masked_paths, of: keeper_text.self)
        var empty: CInt = -1
        for index in 0..<paths.count {
            let target = openProtected(root, spec.path(paths[index]), .maskedPath, index)
            guard target >= 0 else { continue }
            let cover: CInt
            if !FileKind.directory.matches(target) {
                cover = copyTree(null, c(""), recursive: false)
            } else if empty < 0 {
                empty = emptyFileSystem()
                cover = empty
            } else {
                cover = copyTree(empty, c(""), recursive: false)
            }
            must(cover, .maskedPath, index)
            must(attach(cover, target), .maskedPath, index)
            if cover != empty { _ = close(cover) }
            _ = close(target)
        }
        if empty >= 0 { _ = close(empty) }
        if null >= 0 { _ = close(null) }
    }

    /// Covers paths with a read-only view of themselves.
    func protectPaths(root: CInt) {
        let paths = spec.list(spec.fields.read_only_paths, of: keeper_text.self)
        for index in 0..<paths.count {
            let target = openProtected(root, spec.path(paths[index]), .readOnlyPath, index)
            guard target >= 0 else { continue }
            let view = must(copyTree(target, c(""), recursive: true), .readOnlyPath, index)
            must(
                berth_mount_setattr(
                    view,
                    c(""),
                    UInt32(AT_EMPTY_PATH | AT_RECURSIVE),
                    UInt64(MOUNT_ATTR_RDONLY),
                    0,
                    0
                ),
                .readOnlyPath,
                index
            )
            must(attach(view, target), .readOnlyPath, index)
            _ = close(view)
            _ = close(target)
        }
    }

    /// -1 when there is no such path.
    private func openProtected(
        _ root: CInt,
        _ path: CText,
        _ stage: KeeperStage,
        _ index: Int
    ) -> CInt {
        let fd = openBeneath(root, path, O_PATH, Resolve.beneath | Resolve.noSymlinks)
        if fd < 0 && berth_errno() != ENOENT { fail(stage, index) }
        return fd
    }

    private func emptyFileSystem() -> CInt {
        let context = fsopen(c("tmpfs"), UInt32(FSOPEN_CLOEXEC))
        guard context >= 0 else { return -1 }
        defer { _ = close(context) }
        _ = fsconfig(context, FSCONFIG_SET_STRING.rawValue, c("source"), c("tmpfs"), 0)
        guard fsconfig(context, FSCONFIG_SET_FLAG.rawValue, c("ro"), nil, 0) == 0,
            fsconfig(context, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0) == 0
        else { return -1 }
        return fsmount(context, UInt32(FSMOUNT_CLOEXEC), UInt32(MOUNT_ATTR_RDONLY))
    }
}
