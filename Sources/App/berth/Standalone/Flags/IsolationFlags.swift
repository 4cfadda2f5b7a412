import ArgumentParser

/// What a container may do, and whose namespaces it shares.
struct IsolationFlags: ServiceFlags {
    @OptionGroup var capabilities: CapabilityFlags

    @Flag(help: "Give it every capability and device, and take its confinement away.")
    var privileged = false

    @Option(
        name: .customLong("security-opt"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "How it is confined: no-new-privileges, seccomp=FILE.",
            valueName: "option"
        )
    )
    var securityOpt: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A device of this machine; vendor.com/class=name is one of a CDI file.",
            valueName: "path[:path[:rwm]]"
        )
    )
    var device: [String] = []

    @Option(
        name: .customLong("device-cgroup-rule"),
        parsing: .singleValue,
        help: ArgumentHelp("Allow devices by number: 'c 1:3 rwm'.", valueName: "rule")
    )
    var deviceRule: [String] = []

    @Option(
        help: ArgumentHelp(
            "Graphics processors, by a CDI file: all, a number, device=0.",
            valueName: "request"
        ),
        completion: .list(["all"])
    )
    var gpus: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Set a kernel parameter of its namespaces.", valueName: "name=value")
    )
    var sysctl: [String] = []

    @Option(
        help: ArgumentHelp("Whose processes it sees: host, container:NAME.", valueName: "mode"),
        completion: .list(["host", "container:"])
    )
    var pid: String?

    @Option(
        help: ArgumentHelp(
            "Whose shared memory it has: none, private, shareable, host, container:NAME.",
            valueName: "mode"
        ),
        completion: .list(["none", "private", "shareable", "host", "container:"])
    )
    var ipc: String?

    @Option(
        help: ArgumentHelp("Whose host name it has: host.", valueName: "mode"),
        completion: .list(["host"])
    )
    var uts: String?

    @Option(
        help: ArgumentHelp("Whose users it has: host, or auto for its own.", valueName: "mode"),
        completion: .list(["auto", "host"])
    )
    var userns: String?

    @Option(
        help: ArgumentHelp("Which control groups it sees: host, private.", valueName: "mode"),
        completion: .list(["host", "private"])
    )
    var cgroupns: String?

    @Option(
        name: .customLong("cgroup-parent"),
        help: ArgumentHelp("Control group that its own is in.", valueName: "path")
    )
    var cgroupParent: String?

    @Option(help: ArgumentHelp("The runtime; runc means berth's own.", valueName: "name"))
    var runtime: String?

    @Option(help: .hidden)
    var isolation: String?

    @Flag(name: .customLong("use-api-socket"), help: .hidden)
    var useAPISocket = false

    func write(to service: inout FlaggedService) throws {
        service.set("cap_add", capabilities.capAdd, by: "--cap-add")
        service.set("cap_drop", capabilities.capDrop, by: "--cap-drop")
        service.set("privileged", ifOn: privileged, by: "--privileged")
        service.set("security_opt", securityOpt, by: "--security-opt")
        service.set("devices", device, by: "--device")
        service.set("device_cgroup_rules", deviceRule, by: "--device-cgroup-rule")
        if let gpus {
            service.set("gpus", .list([try GPURequest(gpus).value]), by: "--gpus")
        }
        for text in sysctl {
            guard let refusal = DockerValueRules.sysctl(text) else { continue }
            throw DockerValueRules.failure(refusal, text, "--sysctl")
        }
        for (list, flag) in [(capabilities.capAdd, "CapAdd"), (capabilities.capDrop, "CapDrop")]
        where list.contains("") {
            throw Failure(engine: "invalid \(flag): unknown capability: \"CAP_\"")
        }
        if !sysctl.isEmpty { service.set("sysctls", .map(Self.pairs(sysctl)), by: "--sysctl") }
        for (attribute, value, flag) in [
            ("pid", pid, "--pid"), ("ipc", ipc, "--ipc"), ("uts", uts, "--uts"),
            ("userns_mode", userns, "--userns"), ("cgroup", cgroupns, "--cgroupns"),
            ("cgroup_parent", cgroupParent, "--cgroup-parent"), ("runtime", runtime, "--runtime"),
            ("isolation", isolation, "--isolation"),
        ] where value?.isEmpty == false { service.set(attribute, value, by: flag) }
        service.set("use_api_socket", ifOn: useAPISocket, by: "--use-api-socket")
    }
}
