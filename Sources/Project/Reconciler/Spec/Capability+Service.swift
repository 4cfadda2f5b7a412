import Compose
import ContainerRuntime

extension Capability {
    /// Docker's rule: `ALL` added is every one but those dropped; `ALL` dropped is only those added;
    /// else the default ones and those added but those dropped. Names with or without `CAP_`, any case.
    static func set(of service: Service, for subject: String) throws(ReconcilerError) -> [String] {
        let path = "services.\(service.name)"
        let added = try names(service.capAdd, subject, "\(path).cap_add")
        let dropped = try names(service.capDrop, subject, "\(path).cap_drop")
        if added.contains(everything) {
            return all.filter { !dropped.contains($0) }.sorted()
        }
        if dropped.contains(everything) { return added.sorted() }
        return added.union(dockerDefaults).subtracting(dropped).sorted()
    }

    private static let everything = "CAP_ALL"

    private static func names(
        _ written: [String],
        _ subject: String,
        _ path: String
    ) throws(ReconcilerError) -> Set<String> {
        var names: Set<String> = []
        for (index, text) in written.enumerated() {
            let upper = text.uppercased()
            let name = upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
            guard name == everything || all.contains(name) else {
                throw ReconcilerError(
                    subject,
                    "unknown capability \"\(text)\"",
                    remedy: "capabilities(7) lists them",
                    at: "\(path)[\(index)]"
                )
            }
            names.insert(name)
        }
        return names
    }

    /// capabilities(7), by number.
    private static let all = [
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
}
