import CLinux

/// Makes a user namespace and stays in it until its starter has opened it and closes the other end of
/// `control`. Who is in it is nobody: the starter writes the maps.
func keepUserNamespace() -> Never {
    let reporter = Reporter(fd: KeeperFD.report.rawValue)
    guard berth_unshare(CLONE_NEWUSER) == 0 else {
        reporter.failed(.namespaces, error: berth_errno())
        _exit(125)
    }
    reporter.send(.started)
    var byte: UInt8 = 0
    while read(KeeperFD.control.rawValue, &byte, 1) > 0 {}
    _exit(0)
}
