/// A kernel parameter of the container's own namespaces. sysctl(8).
package struct SysctlSetting: Hashable, Codable, Sendable {
    /// As sysctl(8) takes it: `net.ipv4.ip_forward`, or with slashes where a component has a dot.
    package var name: String
    /// As it is written to the file, without a newline at its end.
    package var value: String

    /// Takes both as they were asked for.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// The first separator says which of the two is one: sysctl.d(5).
    var components: [String] {
        let separator = name.first { $0 == "." || $0 == "/" } ?? "."
        let other: Character = separator == "." ? "/" : "."
        return name.split(separator: separator, omittingEmptySubsequences: false).map { part in
            separator == "." ? String(part.map { $0 == other ? "." : $0 }) : String(part)
        }
    }

    /// Beneath /proc, without a slash at its start.
    var path: String { (["sys"] + components).joined(separator: "/") }
}

extension ContainerSpec {
    /// Why a kernel parameter cannot be set for this container alone; nil where it can. The rules are
    /// those of Docker's runtime.
    package func refusal(of setting: SysctlSetting) -> String? {
        let parts = setting.components
        if parts.contains(where: { ["", ".", ".."].contains($0) }) {
            return "it is not the name of a kernel parameter"
        }
        let plan = NamespacePlan(self)
        let name = parts.joined(separator: ".")
        if parts[0] == "net", parts.count > 1 {
            return plan.sharesHosts(.network) ? "the container has the host's network" : nil
        }
        if Self.messageParameters.contains(name) || name.hasPrefix("fs.mqueue.") {
            return plan.sharesHosts(.ipc) ? "the container has the host's IPC namespace" : nil
        }
        switch name {
        case "kernel.domainname" where !plan.sharesHosts(.uts): return nil
        case "kernel.hostname" where !plan.sharesHosts(.uts): return "`hostname` is what sets it"
        default: return "it is the whole machine's, and no container's alone"
        }
    }

    /// Those that an IPC namespace has, besides `fs.mqueue`: ipc_namespaces(7).
    private static let messageParameters: Set<String> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
        "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    ]
}
