/// Names of capabilities(7), and which of them a container has.
package enum Capability {
    /// Every capability this program knows; its index is the kernel's number. capabilities(7)
    package static let names = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
        "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
        "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
        "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
        "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
        "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ]

    /// What Docker and containerd give, sorted.
    package static let dockerDefaults = [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
        "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID",
        "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ]

    private static let numbers = Dictionary(
        uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) }
    )

    /// The number of a canonical name.
    package static func number(_ name: String) -> Int? { numbers[name] }

    /// An element of compose-spec `cap_add` and `cap_drop`.
    package enum Choice: Hashable, Codable, Sendable {
        case all
        /// `CAP_` and upper case; one of `names`.
        case one(String)

        /// Reads `ALL`, `NET_RAW`, `net_raw` or `cap_net_raw`; nil for an unknown name.
        package init?(_ text: String) {
            let upper = text.uppercased()
            guard upper != "ALL" else {
                self = .all
                return
            }
            let name = upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
            guard numbers[name] != nil else { return nil }
            self = .one(name)
        }

        fileprivate var name: String? {
            if case .one(let name) = self { name } else { nil }
        }
    }

    /// The capabilities of a container, sorted. As Docker: adding ALL gives all but the dropped;
    /// dropping ALL gives only the added; else the defaults less the dropped, plus the added.
    package static func granted(adding: [Choice], dropping: [Choice]) -> [String] {
        let added = Set(adding.compactMap(\.name))
        let dropped = Set(dropping.compactMap(\.name))
        if adding.contains(.all) { return Set(names).subtracting(dropped).sorted() }
        if dropping.contains(.all) { return added.sorted() }
        return Set(dockerDefaults).subtracting(dropped).union(added).sorted()
    }
}
