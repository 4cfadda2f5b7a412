import CLinux

/// CAP_SYS_ADMIN, held until a filter is installed where no_new_privs does not allow it.
private let administrator: UInt64 = 1 << 21

extension Child {
    /// Groups before user, the bounding set before anything, nothing inheritable or ambient.
    /// A capability that the keeper itself lacks cannot be given.
    func takeIdentity() {
        let fields = spec.fields
        var held: UInt64 = 0
        must(berth_capget_permitted(0, &held), .capabilities)
        for number in UInt(0)..<64 where fields.capabilities & (1 << UInt64(number)) == 0 {
            if berth_prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0 { continue }
            // The numbers end where the kernel's knowledge does.
            if berth_errno() == EINVAL { break }
            fail(.capabilities)
        }
        _ = berth_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
        must(berth_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), .capabilities)
        let groups = spec.list(fields.supplementary_groups, of: gid_t.self)
        must(berth_setgroups(groups.count, groups.baseAddress), .groups)
        must(berth_setresgid(fields.group, fields.group, fields.group), .groups)
        must(berth_setresuid(fields.user, fields.user, fields.user), .user)
        must(berth_prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), .capabilities)

        let wanted = fields.capabilities & held
        let needed = spec.has(KEEPER_NO_NEW_PRIVILEGES) ? wanted : wanted | (administrator & held)
        must(berth_capset(needed, needed, 0), .capabilities)
    }

    /// The last fences: no_new_privs, the filter, and the capability that installing it took.
    func confine() {
        let fields = spec.fields
        if spec.has(KEEPER_NO_NEW_PRIVILEGES) {
            must(berth_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), .noNewPrivileges)
        }
        var held: UInt64 = 0
        must(berth_capget_permitted(0, &held), .capabilities)
        let filter = spec.list(fields.filter, of: sock_filter.self)
        if let instructions = filter.baseAddress, filter.count > 0 {
            must(berth_seccomp_set_filter(instructions, UInt16(filter.count), 0), .seccomp)
        }
        let wanted = fields.capabilities & held
        if wanted != held { must(berth_capset(wanted, wanted, 0), .capabilities) }
    }
}
