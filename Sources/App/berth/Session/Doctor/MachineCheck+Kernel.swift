import DockerViews
import Glibc
import KernelNames

/// What berth needs of the kernel beyond what is tried: parts that are loaded when they are needed.
extension MachineCheck {
    /// The parts of networks that may be modules, with what lacks without them.
    private static let neededModules: [(name: String, use: String)] = [
        ("bridge", "networks"), ("veth", "networks"), ("nft_chain_nat", "published ports"),
        ("nft_masq", "the way out of networks"), ("nf_conntrack", "published ports"),
    ]

    /// `known` are modules that are loaded, built in, or can be loaded.
    static func modules(known: Set<String>) -> Finding {
        let absent = neededModules.filter { !known.contains($0.name) }
        guard !absent.isEmpty else {
            return Finding(
                verdict: .good,
                what: "modules",
                state: neededModules.map(\.name).joined(separator: " ")
            )
        }
        let names = absent.map(\.name).joined(separator: " ")
        return Finding(
            verdict: .degraded,
            what: "modules",
            state: absent.map { "\($0.name) was not found, for \($0.use)" }.joined(separator: "; "),
            remedy: "install the kernel's modules (linux-image of the running kernel), then "
                + "`modprobe -a \(names)`; a kernel that has them built in and does not say so works"
        )
    }

    /// Names of modules from what `/proc/modules`, `modules.builtin` and `modules.dep` say.
    static func knownModules(loaded: String, builtIn: String, loadable: String) -> Set<String> {
        var names = Set(loaded.split(separator: "\n").compactMap { $0.split(separator: " ").first })
        for line in builtIn.split(separator: "\n") + loadable.split(separator: "\n") {
            let path = line.prefix { $0 != ":" }
            guard let file = path.split(separator: "/").last,
                let name = file.split(separator: ".").first
            else { continue }
            names.insert(name)
        }
        return Set(names.map { String($0).replacing("-", with: "_") })
    }

    static func modules() -> Finding {
        let folder = "/lib/modules/\(release())"
        return modules(
            known: knownModules(
                loaded: text("/proc/modules"),
                builtIn: text(folder + "/modules.builtin"),
                loadable: text(folder + "/modules.dep")
            )
        )
    }

    /// Without one of these some call of every start is refused, to root as well.
    private static let neededCapabilities = [
        "CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_SETUID", "CAP_SETGID",
        "CAP_SETPCAP", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL",
    ]

    /// `status` is `/proc/self/status`.
    static func capabilities(status: String) -> Finding {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(whereSeparator: \.isWhitespace).last ?? ""
        guard let mask = UInt64(digits, radix: 16) else {
            return Finding(verdict: .degraded, what: "capabilities", state: "nobody says which")
        }
        let absent = neededCapabilities.filter { name in
            Capability.number(name).map { mask & (1 << UInt64($0)) == 0 } ?? false
        }
        return Finding(
            verdict: absent.isEmpty ? .good : .missing,
            what: "capabilities",
            state: absent.isEmpty ? "all that are needed" : "no \(absent.joined(separator: " "))",
            remedy: absent.isEmpty
                ? nil
                : "start berth where root has them: on the machine itself, or in a privileged container"
        )
    }

    static func capabilities() -> Finding { capabilities(status: text("/proc/self/status")) }
}
