import CLinux

/// Makes a user namespace, and others that belong to it, and stays there until its starter has opened
/// them and closes the other end of `control`. Who is in it is nobody: the starter writes the maps.
func keepUserNamespace(_ spec: Spec) -> Never {
    let reporter = Reporter(fd: KeeperFD.report.rawValue)
    // What all its processes may have together is what its maker may: the limits are each one's.
    for limit in [__RLIMIT_MEMLOCK, __RLIMIT_SIGPENDING, __RLIMIT_MSGQUEUE] {
        _ = berth_setrlimit(Int32(limit.rawValue), .max, .max)
    }
    let others = CInt(truncatingIfNeeded: spec.fields.namespaces)
    guard berth_unshare(CLONE_NEWUSER | others) == 0 else {
        reporter.failed(.namespaces, error: berth_errno())
        _exit(125)
    }
    reporter.send(.started)
    var byte: UInt8 = 0
    while read(KeeperFD.control.rawValue, &byte, 1) > 0 {}
    _exit(0)
}
