import CLinux

extension Child {
    /// Raising a hard limit takes CAP_SYS_RESOURCE, which root may lack: then as far as it goes,
    /// with a warning unless the limit is only a default of ours.
    func setLimits() {
        let limits = spec.list(spec.fields.limits, of: keeper_limit.self)
        for index in 0..<limits.count {
            let wanted = limits[index]
            if berth_setrlimit(wanted.resource, wanted.soft, wanted.hard) == 0 { continue }
            guard berth_errno() == EPERM else { fail(.limit, index) }
            if wanted.is_default == 0 { warn(.limit, index) }
            let hard = min(wanted.hard, presentHardLimit(wanted.resource, index))
            must(
                berth_setrlimit(wanted.resource, min(wanted.soft, hard), hard),
                .limit,
                index
            )
        }
    }

    private func presentHardLimit(_ resource: Int32, _ index: Int) -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2) { limit in
            must(berth_getrlimit(resource, limit.baseAddress), .limit, index)
            return limit[1]
        }
    }
}
