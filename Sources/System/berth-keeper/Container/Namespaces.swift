import CLinux

extension Child {
    /// The namespaces of other containers, but for that of processes, in which it was born.
    func joinNamespaces() {
        let joins = spec.list(spec.fields.namespace_joins, of: keeper_join.self)
        for index in 0..<joins.count {
            let kinds = joins[index].kinds & ~UInt32(CLONE_NEWPID)
            if kinds == 0 { continue }
            must(berth_setns(joins[index].process, CInt(bitPattern: kinds)), .join, index)
        }
    }

    /// Writes itself into the v1 hierarchies ("0" is the writer), then takes that place for the
    /// root of a cgroup namespace: one made by clone3 would show its parent's place.
    func joinCgroups() {
        let joins = spec.list(spec.fields.cgroup_joins, of: Int32.self)
        for index in 0..<joins.count where write(joins[index], c("0"), 1) != 1 {
            fail(.cgroup, index)
        }
        let isNew = spec.fields.mode == KeeperMode.container.rawValue
        if isNew && spec.fields.namespaces & UInt64(CLONE_NEWCGROUP) != 0 {
            must(berth_unshare(CLONE_NEWCGROUP), .namespaces)
        }
    }

    /// A session and a session keyring of its own. Keyrings have a small quota: doing without
    /// one is a warning.
    func newSession() {
        _ = setsid()
        if berth_join_session_keyring() < 0 && berth_errno() != ENOSYS { warn(.keyring) }
    }

    /// No mount made from here on is seen outside, none made outside is seen here.
    func makeEverythingPrivate() {
        must(mount(nil, c("/"), nil, UInt(MS_REC | MS_PRIVATE), nil), .propagation)
    }

    func setNames() {
        if let name = spec.text(spec.fields.hostname) {
            must(sethostname(name, strlen(name)), .hostname)
        }
        if let name = spec.text(spec.fields.domain_name) {
            must(setdomainname(name, strlen(name)), .hostname)
        }
    }

    /// Through our own procfs, opened before anything could be mounted upon it, and only to
    /// plain files directly on it.
    func setSysctls(procfs: CInt) {
        let sysctls = spec.list(spec.fields.sysctls, of: keeper_pair.self)
        for index in 0..<sysctls.count {
            let fd = must(
                berth_openat2(
                    procfs,
                    spec.path(sysctls[index].key),
                    UInt64(O_WRONLY | O_CLOEXEC),
                    0,
                    Resolve.beneath | Resolve.noSymlinks | Resolve.noOtherMounts
                ),
                .sysctl,
                index
            )
            let value = spec.path(sysctls[index].value)
            if write(fd, value, strlen(value)) < 0 { fail(.sysctl, index) }
            _ = close(fd)
        }
    }
}
