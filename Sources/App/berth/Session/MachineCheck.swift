import ContainerNetwork
import DockerViews
import Engine
import Glibc
import Linux
import SystemPackage

/// What berth needs of a machine, one finding each. Looks only; changes nothing.
enum MachineCheck {
    struct Finding {
        enum Verdict: String {
            case good = "ok"
            /// Something works less well.
            case degraded = "!"
            /// Containers will not run.
            case missing = "MISSING"
        }

        var verdict: Verdict
        var what: String
        var state: String
        var remedy: String?
    }

    /// Every check, most important first.
    static func all() async -> [Finding] {
        [
            user(), capabilities(), kernel(), modules(), cgroups(), controllers(), overlay(),
            packetFilter(), namespaces(), seccomp(), landlock(), confinement(), keeper(),
            stateFolder(),
        ] + storage() + [limits(), forwarding()] + (await linkFilters()) + (await obstacles())
            + [await names()] + (await reach()) + (await records())
    }

    private static func user() -> Finding {
        Machine.isRoot
            ? Finding(verdict: .good, what: "user", state: "root")
            : Finding(
                verdict: .missing,
                what: "user",
                state: "uid \(geteuid())",
                remedy: "run berth with sudo"
            )
    }

    /// The running kernel's: `6.1.0-13-amd64`.
    static func release() -> String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func kernel() -> Finding {
        let release = release()
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let isNewEnough = numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 12)
        return Finding(
            verdict: isNewEnough ? .good : .missing,
            what: "kernel",
            state: release,
            remedy: isNewEnough ? nil : "Linux 5.12 or later is needed; 6.1 is tested"
        )
    }

    private static func cgroups() -> Finding {
        let mounts = text("/proc/self/mounts").split(separator: "\n")
        let hasV2 = mounts.contains { $0.contains(" cgroup2 ") }
        let hasV1 = mounts.contains { $0.contains(" cgroup ") }
        switch (hasV2, hasV1) {
        case (true, false): return Finding(verdict: .good, what: "cgroups", state: "version 2")
        case (true, true):
            return Finding(verdict: .good, what: "cgroups", state: "hybrid, limits by version 1")
        case (false, true): return Finding(verdict: .good, what: "cgroups", state: "version 1")
        case (false, false):
            return Finding(
                verdict: .missing,
                what: "cgroups",
                state: "not mounted",
                remedy: "mount -t cgroup2 none /sys/fs/cgroup"
            )
        }
    }

    private static func overlay() -> Finding {
        filesystem("overlay", remedy: "modprobe overlay")
    }

    private static func filesystem(_ name: String, remedy: String) -> Finding {
        let known = text("/proc/filesystems").split { $0.isWhitespace }.contains { $0 == name }
        return Finding(
            verdict: known ? .good : .degraded,
            what: name,
            state: known ? "present" : "not loaded yet",
            remedy: known ? nil : remedy
        )
    }

    private static func packetFilter() -> Finding {
        let socket = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | O_CLOEXEC, 12)
        guard socket >= 0 else {
            return Finding(
                verdict: .missing,
                what: "nf_tables",
                state: "no netfilter netlink",
                remedy: "modprobe nf_tables; networks and published ports need it"
            )
        }
        close(socket)
        return Finding(verdict: .good, what: "nf_tables", state: "present")
    }

    private static func namespaces() -> Finding {
        let needed = ["mnt", "pid", "net", "ipc", "uts", "cgroup"]
        let absent = needed.filter { access("/proc/self/ns/\($0)", F_OK) != 0 }
        return Finding(
            verdict: absent.isEmpty ? .good : .missing,
            what: "namespaces",
            state: absent.isEmpty
                ? needed.joined(separator: " ") : "no \(absent.joined(separator: " "))",
            remedy: absent.isEmpty ? nil : "use a kernel with these namespaces"
        )
    }

    /// Filters containers' system calls, and those of the unpacker of layers.
    private static func seccomp() -> Finding {
        let isPresent = ConfinementSupport.hasSyscallFilters
        return Finding(
            verdict: isPresent ? .good : .missing,
            what: "seccomp",
            state: isPresent ? "filters containers and the unpacker" : "no filters",
            remedy: isPresent ? nil : "use a kernel with CONFIG_SECCOMP_FILTER"
        )
    }

    /// Keeps the unpacker of layers in its directory; its namespaces do so without it, too.
    private static func landlock() -> Finding {
        let (state, remedy): (String, String?) =
            switch ConfinementSupport.landlock {
            case .present(let version): ("version \(version), confines the unpacker", nil)
            case .tooOld: ("version 1, too old to be used", "use Linux 5.19 or later")
            case .turnedOff:
                ("turned off", "add landlock to lsm= on the kernel's command line")
            case .absent: ("absent", "use a kernel with CONFIG_SECURITY_LANDLOCK")
            }
        return Finding(
            verdict: remedy == nil ? .good : .degraded,
            what: "landlock",
            state: state,
            remedy: remedy.map { "\($0); layers are unpacked less confined" }
        )
    }

    /// Where docker would confine containers by one of these, berth does not.
    private static func confinement() -> Finding {
        let modules = text("/sys/kernel/security/lsm").split { $0 == "," || $0.isWhitespace }
        return confinement(
            appArmor: modules.contains("apparmor")
                || text("/sys/module/apparmor/parameters/enabled").hasPrefix("Y"),
            seLinux: modules.contains("selinux") || access("/sys/fs/selinux/enforce", F_OK) == 0
        )
    }

    static func confinement(appArmor: Bool, seLinux: Bool) -> Finding {
        let active = [appArmor ? "AppArmor" : nil, seLinux ? "SELinux" : nil].compactMap(\.self)
        guard !active.isEmpty else {
            return Finding(
                verdict: .good,
                what: "AppArmor, SELinux",
                state: "not active; containers would not be confined by them"
            )
        }
        return Finding(
            verdict: .degraded,
            what: "AppArmor, SELinux",
            state: "\(active.joined(separator: " and ")) active, but not for containers of berth",
            remedy: "docker would confine them, berth does not yet; run them as a user who is not "
                + "root, with `cap_drop` and `read_only`"
        )
    }

    private static func keeper() -> Finding {
        do {
            return Finding(
                verdict: .good,
                what: "berth-keeper",
                state: try Programs.keeper().string
            )
        } catch {
            return Finding(
                verdict: .missing,
                what: "berth-keeper",
                state: "\(error)",
                remedy: "make install puts it beside berth"
            )
        }
    }

    private static func stateFolder() -> Finding {
        let layout = Layout.ofMachine()
        let root = layout.root
        guard !layout.hasOtherThanFolder else {
            return Finding(
                verdict: .missing,
                what: "state",
                state: "\(root) is not a folder",
                remedy: "move it away, or set BERTH_ROOT and BERTH_RUN to folders of berth's own"
            )
        }
        var folder = root
        var status = stat()
        while stat(folder.string, &status) != 0, folder.removeLastComponent() {}
        var space = statvfs()
        guard statvfs(folder.string, &space) == 0 else {
            return Finding(verdict: .missing, what: "state", state: "\(folder) is not there")
        }
        let free = Int64(space.f_bavail) * Int64(space.f_frsize)
        let isTight = free < 1 << 30
        return Finding(
            verdict: isTight ? .degraded : .good,
            what: "state",
            state: "\(root): \(HumanSize.decimal(free)) free",
            remedy: isTight ? "free some space: images and volumes live there" : nil
        )
    }

    private static func forwarding() -> Finding {
        let isOn = text("/proc/sys/net/ipv4/ip_forward").hasPrefix("1")
        return Finding(
            verdict: .good,
            what: "forwarding",
            state: isOn ? "on" : "off; turned on with the first network"
        )
    }

    /// They keep containers on one network from sending with each other's addresses.
    private static func linkFilters() async -> [Finding] {
        guard Machine.isRoot else { return [] }
        do {
            let areThere = try await NetworkKernel.hasLinkFilters()
            return [
                Finding(
                    verdict: areThere ? .good : .degraded,
                    what: "link filters",
                    state: areThere
                        ? "each container sends with its own addresses only"
                        : "absent; containers on one network can forge addresses",
                    remedy: areThere
                        ? nil
                        : "modprobe cls_bpf sch_ingress, or use a kernel with "
                            + "CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS and CONFIG_BPF_SYSCALL"
                )
            ]
        } catch {
            return [Finding(verdict: .degraded, what: "link filters", state: "\(error)")]
        }
    }

    /// Other programs' rules that drop forwarded packets cut containers off from other hosts.
    private static func obstacles() async -> [Finding] {
        guard Machine.isRoot else { return [] }
        do {
            let obstacles = try await NetworkKernel().forwardingObstacles()
            guard !obstacles.isEmpty else {
                return [
                    Finding(
                        verdict: .good,
                        what: "firewall",
                        state: "no rule of others drops what containers send"
                    )
                ]
            }
            return obstacles.map { obstacle in
                Finding(
                    verdict: .degraded,
                    what: "firewall",
                    state: "\(obstacle.place) drops what it does not know",
                    remedy: obstacle.remedy
                )
            }
        } catch {
            return [Finding(verdict: .degraded, what: "firewall", state: "\(error)")]
        }
    }

    /// A file of the kernel's; empty when it is not there, which each check words itself.
    static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}
