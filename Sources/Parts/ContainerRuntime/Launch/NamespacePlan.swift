import CLinux
import Glibc

/// Which namespaces a container is born with, which of others it joins, and what is set in them.
struct NamespacePlan {
    enum Kind: CaseIterable {
        case network, pid, ipc, uts, cgroup

        /// CLONE_NEW*.
        var flag: CInt {
            switch self {
            case .network: CLONE_NEWNET
            case .pid: CLONE_NEWPID
            case .ipc: CLONE_NEWIPC
            case .uts: CLONE_NEWUTS
            case .cgroup: CLONE_NEWCGROUP
            }
        }
    }

    /// All that a container can be in besides its mounts, its own or not.
    static let all = Kind.allCases.reduce(UInt64(CLONE_NEWNS)) { $0 | UInt64($1.flag) }

    private let spec: ContainerSpec

    init(_ spec: ContainerSpec) { self.spec = spec }

    private func source(_ kind: Kind) -> NamespaceSource {
        let shared = spec.namespaces ?? NamespaceSpec()
        switch kind {
        case .pid: return shared.pid
        case .ipc: return shared.ipc
        case .uts: return shared.uts
        case .cgroup: return shared.cgroup
        case .network:
            switch spec.network {
            case .host: return .host
            case .container(let name): return .container(name)
            case .none, .attached: return .own
            }
        }
    }

    /// Whether the container gets one for itself.
    func makes(_ kind: Kind) -> Bool { source(kind) == .own }

    /// Whether it has the one that the host's own processes have.
    func sharesHosts(_ kind: Kind) -> Bool { source(kind) == .host }

    /// The name of the container whose it has; nil where it is no container's.
    func companion(_ kind: Kind) -> String? {
        if case .container(let name) = source(kind) { name } else { nil }
    }

    /// CLONE_NEW* of those to make; mounts are always the container's own.
    var made: UInt64 {
        Kind.allCases.filter(makes).reduce(UInt64(CLONE_NEWNS)) { $0 | UInt64($1.flag) }
    }

    /// Whether its users are its own.
    var hasOwnUsers: Bool { spec.namespaces?.users != nil }

    /// CLONE_NEW* of those to make that belong to its own users, so that its root has power over them.
    var madeOfUsers: UInt64 {
        hasOwnUsers ? made & (UInt64(CLONE_NEWNET) | UInt64(CLONE_NEWUTS)) : 0
    }

    /// Refuses what a root of its own would have power over and must not, in docker's words.
    func checkUsers(container: String) throws(RuntimeError) {
        guard let reason = spec.refusalOfOwnUsers else { return }
        throw RuntimeError(container: container, message: reason)
    }

    /// CLONE_NEW* of those to be in, by the name of the container they belong to.
    var joined: [(container: String, kinds: UInt32)] {
        var kinds: [String: UInt32] = [:]
        for kind in Kind.allCases {
            guard let name = companion(kind) else { continue }
            kinds[name, default: 0] |= UInt32(bitPattern: kind.flag)
        }
        return kinds.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Docker's unless the spec has them: ping, and ports below 1024, without a capability, in a
    /// network of one's own.
    var sysctls: [SysctlSetting] {
        let asked = spec.sysctls ?? []
        guard makes(.network) else { return asked }
        let names = Set(asked.map(\.components))
        let defaults = [
            SysctlSetting("net.ipv4.ping_group_range", "0 2147483647"),
            SysctlSetting("net.ipv4.ip_unprivileged_port_start", "0"),
        ]
        return defaults.filter { !names.contains($0.components) } + asked
    }

    /// Refuses kernel parameters that would be set for others too.
    func checkSysctls(container: String) throws(RuntimeError) {
        for setting in spec.sysctls ?? [] {
            guard let why = spec.refusal(of: setting) else { continue }
            throw RuntimeError(container: container, message: "cannot set \(setting.name): \(why)")
        }
    }
}

extension ContainerSpec {
    /// Why it cannot have users of its own; nil where it can, or has none.
    package var refusalOfOwnUsers: String? {
        guard namespaces?.users != nil else { return nil }
        let plan = NamespacePlan(self)
        if security.privilege == .full {
            return
                "privileged mode is incompatible with user namespaces.  You must run the container "
                + "in the host namespace when running privileged mode"
        }
        if plan.sharesHosts(.network) {
            return "cannot share the host's network namespace when user namespaces are enabled"
        }
        if plan.sharesHosts(.pid) {
            return "cannot share the host PID namespace when user namespaces are enabled"
        }
        for mount in mounts {
            if case .image(_, let name) = mount.source {
                return
                    "cannot show image \(name) at \(mount.target) when user namespaces are enabled: "
                    + "its files would be nobody's"
            }
            if mount.mapsOwner == true {
                return "cannot map the owner of \(mount.target) when user namespaces are enabled"
            }
        }
        return nil
    }
}
