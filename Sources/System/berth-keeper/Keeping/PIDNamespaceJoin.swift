import CLinux

/// Has the next child born in another container's pid namespace, and nobody after it.
struct PIDNamespaceJoin {
    /// Which of the spec's joins it is.
    private(set) var index = 0
    /// pidfd of the other container's init; -1 where there is none to join.
    private var other: CInt = -1
    /// The keeper's own namespace, to go back to.
    private var own: CInt = -1

    init(_ spec: Spec) {
        let joins = spec.list(spec.fields.namespace_joins, of: keeper_join.self)
        for index in 0..<joins.count where joins[index].kinds & UInt32(CLONE_NEWPID) != 0 {
            self.index = index
            other = joins[index].process
        }
    }

    /// False with errno.
    mutating func begin() -> Bool {
        guard other >= 0 else { return true }
        own = berth_open(c("/proc/self/ns/pid"), O_RDONLY | O_CLOEXEC, 0)
        return own >= 0 && berth_setns(other, CLONE_NEWPID) == 0
    }

    /// A supervisor that this keeper might start has no place in the container.
    func end() {
        guard own >= 0 else { return }
        if berth_setns(own, CLONE_NEWPID) < 0 { _exit(125) }
        _ = close(own)
    }
}
