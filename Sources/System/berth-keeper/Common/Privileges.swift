import CLinux

/// CAP_KILL: the child may belong to another user.
private let signalling: UInt64 = 1 << 5
/// CAP_DAC_OVERRIDE: the way to the lock file and to the program of the supervisor may lead through
/// somebody's home folder.
private let findingFiles: UInt64 = 1 << 1

/// Gives up what a keeper does not need once its child lives. Its files are open, and what it
/// makes and removes beside them is root's, as it is itself.
///
/// One that `revives` executes the supervisor, which has its rights of the bounding set again; any
/// other never gets more. Where it fails things stay as they are.
func giveUpPrivileges(revives: Bool) {
    var held: UInt64 = 0
    guard berth_capget_permitted(0, &held) == 0 else { return }
    let needed = held & (revives ? signalling | findingFiles : signalling)
    _ = berth_capset(needed, needed, 0)
    if !revives { _ = berth_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }
}
