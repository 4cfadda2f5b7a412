import CLinux

/// Has the next child born in namespaces that belong to the container's users, and nobody after it: the
/// host's root makes nothing for it that its own root has no power over.
struct BirthNamespaces {
    private let network: CInt
    private let names: CInt
    /// The keeper's own, to go back to.
    private var ownNetwork: CInt = -1
    private var ownNames: CInt = -1

    init(_ spec: Spec) {
        network = spec.fields.birth_network
        names = spec.fields.birth_names
    }

    /// False with errno.
    mutating func begin() -> Bool {
        if network >= 0 {
            ownNetwork = berth_open(c("/proc/self/ns/net"), O_RDONLY | O_CLOEXEC, 0)
            if ownNetwork < 0 || berth_setns(network, CLONE_NEWNET) < 0 { return false }
        }
        if names >= 0 {
            ownNames = berth_open(c("/proc/self/ns/uts"), O_RDONLY | O_CLOEXEC, 0)
            if ownNames < 0 || berth_setns(names, CLONE_NEWUTS) < 0 { return false }
        }
        return true
    }

    /// A supervisor that this keeper might start has no place in the container.
    func end() {
        if ownNetwork >= 0, berth_setns(ownNetwork, CLONE_NEWNET) < 0 { _exit(125) }
        if ownNames >= 0, berth_setns(ownNames, CLONE_NEWUTS) < 0 { _exit(125) }
        for fd in [ownNetwork, ownNames, network, names] where fd >= 0 { _ = close(fd) }
    }
}
