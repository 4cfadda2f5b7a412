import Addresses
import OrderedCollections
import TextForms

/// Values of attributes the engine carries out that it has no meaning for yet.
struct UnsupportedValues {
    func check(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (name, service) in root["services"]?.map ?? [:] {
            let path = "services.\(name)"
            checkMounts(service, path, &diagnostics)
            checkTmpfs(service, path, &diagnostics)
            checkPorts(service, root, path, &diagnostics)
            checkBuild(service, path, &diagnostics)
            checkLogging(service, path, &diagnostics)
            checkDurations(service, path, &diagnostics)
            checkUser(service, path, &diagnostics)
            checkConditions(service, root, path, &diagnostics)
            checkProvider(service, root, path, &diagnostics)
            checkAddresses(service, root, path, &diagnostics)
            checkLinks(service, root, path, &diagnostics)
            checkInterfaces(service, root, path, &diagnostics)
            checkMemory(service, path, &diagnostics)
            checkProcessors(service, path, &diagnostics)
            checkImpossible(service, path, &diagnostics)
            checkDevices(service, path, &diagnostics)
            checkSecurity(service, path, &diagnostics)
            checkNamespaces(service, root, path, &diagnostics)
            checkDeploy(service, path, &diagnostics)
        }
        checkGivenFiles(root, &diagnostics)
        checkVolumes(root, &diagnostics)
        checkNames(root, &diagnostics)
        checkPools(root, &diagnostics)
        checkDrivers(root, "networks", .network, &diagnostics)
        checkDrivers(root, "volumes", .volume, &diagnostics)
    }

    func refuse(
        _ node: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics,
        hint: String? = nil
    ) {
        let value = node.string.map { " \"\($0)\"" } ?? ""
        diagnostics.problem("not supported yet:\(value)", at: node.mark, hint: hint, path: path)
    }

    private func checkMounts(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for (index, mount) in (service["volumes"]?.list ?? []).enumerated() {
            let place = "\(path).volumes[\(index)]"
            if let type = mount["type"], let text = type.string,
                !["bind", "volume", "tmpfs", "image"].contains(text)
            {
                refuse(type, place + ".type", &diagnostics)
            }
            if let target = mount["target"], let text = target.string {
                checkTarget(text, at: target, place, &diagnostics)
            }
            checkParts(of: mount, place, &diagnostics)
            if mount["type"]?.string == "bind", let source = mount["source"],
                let text = source.string, ShortVolume.isWindowsPath(text)
            {
                diagnostics.problem(
                    "\"\(text)\" is a path of Windows, and this machine has no drives",
                    at: source.mark,
                    hint: Self.driveHint(text) ?? "write where the folder is on this machine",
                    path: place
                )
            }
        }
    }

    func checkTarget(
        _ text: String,
        at node: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        if !text.hasPrefix("/") {
            diagnostics.problem(
                "\"\(text)\" is not an absolute path in the container"
                    + (Self.driveHint(text) == nil ? "" : ": one letter and a colon are a drive"),
                at: node.mark,
                hint: Self.driveHint(text),
                path: path
            )
        } else if let place = Self.unmountable(text) {
            diagnostics.problem(
                "nothing can be mounted at \"\(text)\": that is \(place)",
                at: node.mark,
                hint: "name a folder, such as /data",
                path: path
            )
        }
    }

    /// What is at a path where nothing can be mounted: the root itself, and what the kernel shows of
    /// itself.
    private static func unmountable(_ path: String) -> String? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard let first = parts.first else { return "the root of the container" }
        return first == "proc" && !parts.contains("..") ? "what the kernel shows in /proc" : nil
    }

    private func checkTmpfs(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for (index, item) in (service["tmpfs"]?.list ?? []).enumerated() {
            guard let text = item.string, !text.isEmpty else { continue }
            let place = "\(path).tmpfs[\(index)]"
            let short = ShortTmpfs(text)
            checkTarget(short.target, at: item, place, &diagnostics)
            for option in short.unsupported {
                diagnostics.problem(
                    "not supported yet: \"\(option)\"",
                    at: item.mark,
                    hint: "size, mode, uid, gid, nr_inodes, exec, suid, dev, ro and noatime are",
                    path: place
                )
            }
        }
    }

    /// What to write for a volume of one letter, which short forms cannot name.
    private static func driveHint(_ text: String) -> String? {
        // `v:/` of a volume at the root, whose slash is taken for the path's end.
        if ShortVolume.isDrive("\(text)/"), text.utf8.count == 2 {
            return "give the volume a longer name, and name a folder for it: data:/data"
        }
        guard ShortVolume.isDrive(text) else { return nil }
        return "give the volume a longer name, or write {type: volume, source: \(text.prefix(1)), "
            + "target: \(text.dropFirst(2))}"
    }

    private func checkPorts(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        for (index, port) in (service["ports"]?.list ?? []).enumerated() {
            let place = "\(path).ports[\(index)]"
            if let transport = port["protocol"], let text = transport.string,
                !["tcp", "udp"].contains(text.lowercased())
            {
                refuse(transport, place + ".protocol", &diagnostics, hint: "tcp or udp")
            }
            checkHostAddress(of: port, service, root, place, &diagnostics)
        }
    }

    /// What comes by IPv4 is led to IPv4; what comes by IPv6 to either.
    private func checkHostAddress(
        of port: Node,
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        let networks = Self.networks(of: service)
        guard let node = port["host_ip"], let text = node.string,
            let family = IPAddress(text)?.family, family == .v4, !networks.isEmpty,
            !networks.contains(where: {
                NetworkFamilies(root["networks"]?[$0]).have(family)
            })
        else { return }
        diagnostics.problem(
            "\(text) leads to no container: no network of the service has \(family.words)",
            at: node.mark,
            hint: "enable_\(family.words.lowercased()): true on one of its networks",
            path: path + ".host_ip"
        )
    }

    private func checkBuild(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        let build = service["build"]
        if let context = build?["context"], let text = context.string,
            PathBase.isRemote(text), !BuildDeclaration.isFetched(text)
        {
            refuse(
                context,
                path + ".build.context",
                &diagnostics,
                hint: "a folder of this machine, a repository of git, or an http or https address"
            )
        }
        if let network = build?["network"], let text = network.string,
            !["", "default", "host", "none"].contains(text)
        {
            refuse(
                network,
                path + ".build.network",
                &diagnostics,
                hint: "default, host or none: a build has a network of its own"
            )
        }
        for (index, item) in (build?["entitlements"]?.list ?? []).enumerated() {
            guard let text = item.string, !["network.host", "security.insecure"].contains(text)
            else { continue }
            refuse(
                item,
                "\(path).build.entitlements[\(index)]",
                &diagnostics,
                hint: "network.host or security.insecure"
            )
        }
        for (name, context) in build?["additional_contexts"]?.map ?? [:] {
            guard let text = context.string, PathBase.isRemote(text),
                !text.hasPrefix("docker-image://"), !text.hasPrefix("oci-layout://"),
                !BuildDeclaration.isFetched(text)
            else { continue }
            refuse(
                context,
                "\(path).build.additional_contexts.\(name)",
                &diagnostics,
                hint: "a folder of this machine, a repository of git, an http or https address, "
                    + "docker-image://IMAGE, oci-layout://FOLDER or service:NAME"
            )
        }
    }

    private func checkDurations(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        if let check = service["healthcheck"] {
            Self.checkSpans(of: check, "\(path).healthcheck", &diagnostics)
        }
        let grace = service["stop_grace_period"]
        guard let grace, grace.string?.hasPrefix("-") == true else { return }
        diagnostics.problem(
            "must not be negative",
            at: grace.mark,
            path: "\(path).stop_grace_period"
        )
    }

    /// The times of a health check.
    static func checkSpans(of check: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for part in ["interval", "timeout", "start_period", "start_interval"] {
            guard let node = check[part], let text = node.string else { continue }
            let path = "\(path).\(part)"
            if text.hasPrefix("-") {
                diagnostics.problem("must not be negative", at: node.mark, path: path)
            } else if let span = GoDuration.parse(text), span > 0, span < Self.shortestCheck {
                diagnostics.problem(
                    "cannot be less than 1ms",
                    at: node.mark,
                    hint: "0 takes the image's, or the default",
                    path: path
                )
            }
        }
    }

    /// Docker's floor for all times of a health check, in nanoseconds.
    private static let shortestCheck: Int64 = 1_000_000

    /// A number of a user or group that the kernel does not have.
    private func checkUser(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let user = service["user"], let text = user.string else { return }
        for part in text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: true) {
            let digits = part.hasPrefix("-") ? part.dropFirst() : part
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
                digits.count < part.count || Int32(digits) == nil
            else { continue }
            diagnostics.problem(
                "\(part) is not the number of a user or group",
                at: user.mark,
                hint: "0 to \(Int32.max)",
                path: path + ".user"
            )
        }
    }

    /// A service whose health nobody checks never becomes healthy.
    private func checkConditions(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        for (name, dependency) in service["depends_on"]?.map ?? [:] {
            guard dependency["required"]?.bool ?? true,
                let condition = dependency["condition"], condition.string == "service_healthy",
                let check = root["services"]?[name]?["healthcheck"]
            else { continue }
            let isOff = check["disable"]?.bool == true ? check["disable"] : nil
            guard let off = isOff ?? (check["test"]?.strings == ["NONE"] ? check["test"] : nil)
            else { continue }
            diagnostics.problem(
                "service \"\(name)\" never becomes healthy: its healthcheck is disabled",
                at: condition.mark,
                hint: "write service_started, or give it a healthcheck; it is disabled at "
                    + diagnostics.words(for: off.mark, from: condition.mark),
                path: "\(path).depends_on.\(name).condition"
            )
        }
    }

    /// Providers are asked before anything else is done.
    private func checkProvider(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let provider = service["provider"] else { return }
        if let type = provider["type"], type.string == "compose" || type.string?.isEmpty == true {
            diagnostics.problem(
                "'\(type.string ?? "")' is not a valid provider type",
                at: type.mark,
                path: path + ".provider.type"
            )
        }
        for (name, dependency) in service["depends_on"]?.map ?? [:]
        where root["services"]?[name]?["provider"] == nil {
            diagnostics.problem(
                "a provider is asked before any container starts: it cannot wait for \"\(name)\"",
                at: dependency.keyMark,
                hint: "it may depend on other providers",
                path: "\(path).depends_on.\(name)"
            )
        }
    }

    /// A variable without a value leaves an empty name, which is the name of nothing.
    private func checkNames(_ root: Node, _ diagnostics: inout Diagnostics) {
        for section in ["networks", "volumes"] {
            for (key, resource) in root[section]?.map ?? [:] {
                guard let name = resource["name"], let text = name.string else { continue }
                let path = "\(section).\(key).name"
                if text.isEmpty {
                    diagnostics.problem(
                        "the name is empty",
                        at: name.mark,
                        hint: "set the variable in it, or leave \"name\" out",
                        path: path
                    )
                } else if !Self.isName(text), resource["external"]?.bool != true {
                    diagnostics.problem(
                        "\"\(text)\" cannot be a name",
                        at: name.mark,
                        hint:
                            "letters, digits, _, . and -, a letter or digit first, 2 to 255 in all",
                        path: path
                    )
                }
            }
        }
    }

    /// Docker's rule for names of volumes.
    private static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        return (2...255).contains(bytes.count) && isAlphanumeric(bytes[0])
            && bytes.allSatisfy { isAlphanumeric($0) || [95, 46, 45].contains($0) }
    }
}
