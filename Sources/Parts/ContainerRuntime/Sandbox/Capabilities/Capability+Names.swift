extension Capability {
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

    private static let numbers = Dictionary(
        uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) }
    )

    /// The number of a canonical name.
    package static func number(_ name: String) -> Int? { numbers[name] }

    /// `CAP_NET_RAW` of `net_raw`, `NET_RAW` or `cap_net_raw`; nil for a name nobody knows.
    package static func canonicalName(_ text: String) -> String? {
        let upper = text.uppercased()
        let name = upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
        return numbers[name] == nil ? nil : name
    }

    /// The capabilities of a container, sorted, from compose-spec `cap_add` and `cap_drop` in any
    /// spelling. As Docker: adding ALL gives all but the dropped; dropping ALL gives only the
    /// added; else the defaults less the dropped, plus the added.
    ///
    /// - Throws: `RuntimeError` naming every unknown word.
    package static func granted(
        adding: [String],
        dropping: [String]
    ) throws(RuntimeError) -> [String] {
        let (added, addsAll) = try canonical(adding)
        let (dropped, dropsAll) = try canonical(dropping)
        if addsAll { return Set(names).subtracting(dropped).sorted() }
        if dropsAll { return added.sorted() }
        return Set(dockerDefaults).subtracting(dropped).union(added).sorted()
    }

    private static func canonical(
        _ words: [String]
    ) throws(RuntimeError) -> (names: Set<String>, all: Bool) {
        let isAll = { (word: String) in ["ALL", "CAP_ALL"].contains(word.uppercased()) }
        let unknown = words.filter { !isAll($0) && canonicalName($0) == nil }
        guard unknown.isEmpty else {
            let list = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
            throw RuntimeError(container: "", message: "unknown capability \(list)")
        }
        return (Set(words.compactMap(canonicalName)), words.contains(where: isAll))
    }
}
