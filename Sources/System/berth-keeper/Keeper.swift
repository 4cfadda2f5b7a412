import CLinux

/// One container's parent, or the way of one process into a running container.
///
/// Single-threaded and static. It decides nothing: it carries out a `keeper_spec` that was laid
/// out before it started, and says where that failed as `{stage, index, errno}`.
@main
struct Keeper {
    static func main() {
        hide()
        // Whoever called us may have been slowed down or bound to a processor; a container has the
        // limits of its own spec. What may not be raised again stays: where root lacks CAP_SYS_NICE.
        berth_start_from_known_state()
        guard let spec = Spec(mapping: KeeperFD.spec.rawValue) else {
            Reporter(fd: KeeperFD.report.rawValue).failed(.spec, error: EINVAL)
            _exit(125)
        }
        switch KeeperMode(rawValue: spec.fields.mode) {
        case .container: keepContainer(spec)
        case .exec: keepProcess(spec)
        case .userNamespace: keepUserNamespace(spec)
        case nil: _exit(125)
        }
    }

    /// Nobody may look into this process, nothing but SIGKILL ends it, and no descriptor of it
    /// outlives an exec. The kernel refuses a process group leader a new session: then it has one.
    private static func hide() {
        _ = berth_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        // It was executed as a descriptor, whose number would be its name.
        _ = berth_prctl(PR_SET_NAME, UInt(bitPattern: c("berth-keeper")), 0, 0, 0)
        _ = berth_close_range(3, UInt32.max, UInt32(CLOSE_RANGE_CLOEXEC))
        resetSignals()
        blockSignals()
        _ = setsid()
        _ = chdir(c("/"))
    }
}
