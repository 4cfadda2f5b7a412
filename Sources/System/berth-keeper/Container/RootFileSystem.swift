import CLinux

extension Child {
    /// Lays the container's own directory over the layers of its image and gives the mount.
    ///
    /// Layers are opened first and named by descriptor: a path of any length fits, and what was
    /// opened is what is mounted.
    func mountRoot() -> CInt {
        let layers = openLayers()
        let own = must(
            berth_open(spec.path(spec.fields.folder), O_PATH | O_DIRECTORY | O_CLOEXEC, 0),
            .rootFileSystem
        )
        let folder = mapIdentifiers(of: own, .rootFileSystem)
        let upper = must(open("upper", in: folder), .rootFileSystem)
        let work = must(open("work", in: folder), .rootFileSystem)
        let merged = must(open("merged", in: folder), .rootFileSystem)

        var root = mountByDescriptors(layers: layers, upper: upper, work: work)
        if root >= 0 {
            must(attach(root, merged), .rootFileSystem)
        } else {
            if berth_errno() != EINVAL { fail(.rootFileSystem) }
            mountByOptions(layers: layers, upper: upper, work: work, on: merged)
            root = must(
                berth_openat(folder, c("merged"), O_PATH | O_DIRECTORY | O_CLOEXEC, 0),
                .rootFileSystem
            )
        }
        for layer in layers { _ = close(layer) }
        _ = close(folder)
        _ = close(upper)
        _ = close(work)
        _ = close(merged)
        layers.deallocate()
        return root
    }

    private func open(_ name: StaticString, in folder: CInt) -> CInt {
        berth_openat(folder, c(name), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
    }

    private func openLayers() -> UnsafeMutableBufferPointer<CInt> {
        let paths = spec.list(spec.fields.layers, of: keeper_text.self)
        let fds = UnsafeMutableBufferPointer<CInt>.allocate(capacity: paths.count)
        for index in 0..<paths.count {
            let path = spec.path(paths[index])
            let layer = must(
                berth_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0),
                .layer,
                index
            )
            fds[index] = mapIdentifiers(of: layer, .layer, index)
        }
        return fds
    }

    /// The new way, one call per layer (Linux 6.8). EINVAL from a kernel without it.
    private func mountByDescriptors(
        layers: UnsafeMutableBufferPointer<CInt>,
        upper: CInt,
        work: CInt
    ) -> CInt {
        let context = must(fsopen(c("overlay"), UInt32(FSOPEN_CLOEXEC)), .rootFileSystem)
        defer { _ = close(context) }
        _ = setText(context, c("source"), c("overlay"))
        for layer in layers where setPath(context, c("lowerdir+"), layer) < 0 { return -1 }
        if setPath(context, c("upperdir"), upper) < 0 || setPath(context, c("workdir"), work) < 0
            || setText(context, c("redirect_dir"), c("nofollow")) < 0
            || setText(context, c("metacopy"), c("off")) < 0
            || setText(context, c("index"), c("off")) < 0
            || (spec.has(KEEPER_VOLATILE)
                && fsconfig(context, FSCONFIG_SET_FLAG.rawValue, c("volatile"), nil, 0) < 0)
            || fsconfig(context, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0) < 0
        {
            return -1
        }
        return fsmount(context, UInt32(FSMOUNT_CLOEXEC), 0)
    }

    private func setPath(_ context: CInt, _ key: CText, _ fd: CInt) -> CInt {
        var path = ShortText(capacity: 40)
        defer { path.free() }
        path.append("/proc/self/fd/")
        path.append(decimal: fd)
        return setText(context, key, path.text)
    }

    private func setText(_ context: CInt, _ key: CText, _ value: CText) -> CInt {
        fsconfig(context, FSCONFIG_SET_STRING.rawValue, key, value, 0)
    }

    /// The old way: all layers in one page of options.
    private func mountByOptions(
        layers: UnsafeMutableBufferPointer<CInt>,
        upper: CInt,
        work: CInt,
        on merged: CInt
    ) {
        var options = ShortText(capacity: 4096)
        defer { options.free() }
        options.append("redirect_dir=nofollow,metacopy=off,index=off")
        if spec.has(KEEPER_VOLATILE) { options.append(",volatile") }
        options.append(",upperdir=/proc/self/fd/")
        options.append(decimal: upper)
        options.append(",workdir=/proc/self/fd/")
        options.append(decimal: work)
        options.append(",lowerdir=")
        for index in layers.indices {
            options.append(index == 0 ? "/proc/self/fd/" : ":/proc/self/fd/")
            options.append(decimal: layers[index])
        }
        var place = ShortText(capacity: 40)
        defer { place.free() }
        place.append("/proc/self/fd/")
        place.append(decimal: merged)
        must(
            mount(c("overlay"), place.text, c("overlay"), 0, options.text),
            .rootFileSystem
        )
    }

    func makeReadOnly(root: CInt) {
        must(
            berth_mount_setattr(
                root,
                c(""),
                UInt32(AT_EMPTY_PATH),
                UInt64(MOUNT_ATTR_RDONLY),
                0,
                0
            ),
            .readOnlyRoot
        )
    }

    /// Makes `root` the root of this mount namespace and lets go of everything else.
    func pivot(to root: CInt) {
        must(fchdir(root), .pivotRoot)
        must(berth_pivot_root(c("."), c(".")), .pivotRoot)
        must(umount2(c("."), CInt(MNT_DETACH)), .pivotRoot)
        must(chdir(c("/")), .pivotRoot)
    }
}
