import ArgumentParser
import Builder
import ContainerRuntime
import Glibc
import SystemPackage
import TextForms

/// Options of `image build` that say what its steps may use.
struct BuildStepOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A secret for RUN --mount=type=secret: a file or a variable.",
            valueName: "id=name[,src=file|,env=variable]"
        )
    )
    var secret: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "An agent for RUN --mount=type=ssh, otherwise that of SSH_AUTH_SOCK.",
            valueName: "default|id[=socket]"
        )
    )
    var ssh: [String] = []

    @Option(
        help: ArgumentHelp("The network of RUN: default, none, host.", valueName: "mode"),
        completion: .list(["default", "none", "host"])
    )
    var network: String?

    @Option(
        name: .customLong("add-host"),
        parsing: .singleValue,
        help: ArgumentHelp("A line of RUN's /etc/hosts.", valueName: "name:address")
    )
    var addHost: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "What RUN may do outside of its sandbox: network.host, security.insecure.",
            valueName: "entitlement"
        )
    )
    var allow: [String] = []

    @Option(
        name: .customLong("shm-size"),
        help: ArgumentHelp("Size of RUN's /dev/shm.", valueName: "bytes")
    )
    var shmSize: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A limit of RUN's processes.", valueName: "name=soft[:hard]")
    )
    var ulimit: [String] = []

    @Option(
        name: .customLong("cgroup-parent"),
        help: ArgumentHelp("The control group below which RUN's are.", valueName: "path")
    )
    var cgroupParent: String?

    @Option(
        name: .customLong("on-error"),
        help: ArgumentHelp(FailureVisit.help, valueName: "shell"),
        completion: .list(["shell"])
    )
    var onError: String?

    /// Whether a step that fails opens a shell.
    func entersFailures() throws -> Bool { try FailureVisit.isAsked(onError) }

    func apply(to request: inout BuildRequest) throws {
        request.cgroupParent = cgroupParent.flatMap { $0.isEmpty ? nil : $0 }
        for text in secret {
            guard let (id, secret) = try Self.secret(text) else { continue }
            request.secrets[id] = secret
        }
        request.agents = try BuildAgents.named(ssh, Machine.environment())
        if let network {
            guard let mode = RunOptions.Network(rawValue: network == "bridge" ? "default" : network)
            else {
                throw Failure("--network \(network): a build has default, none or host")
            }
            request.networkMode = mode
        }
        request.extraHosts = try addHost.map { try Self.host($0) }
        for text in allow.flatMap({ $0.split(separator: ",") }) {
            guard let entitlement = BuildEntitlement(rawValue: String(text)) else {
                let known = BuildEntitlement.allCases.map(\.rawValue).joined(separator: " or ")
                throw Failure("--allow \(text): \(known)")
            }
            request.entitlements.insert(entitlement)
        }
        if let shmSize {
            guard let bytes = ByteSize.parse(shmSize), bytes > 0 else {
                throw Failure("--shm-size \(shmSize): write a size as 64m")
            }
            request.shmSizeBytes = bytes
        }
        request.resourceLimits = try ulimit.map { try Self.limit($0) }
    }

    /// `id=x,src=FILE`, `id=x,env=NAME`, `id=x`: then the variable x, else a file named so. Nil for a
    /// variable that is not set: what needs the secret says so.
    static func secret(_ text: String) throws -> (String, BuildSecret)? {
        var fields: [String: String] = [:]
        for part in text.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else {
                throw Failure(
                    "--secret \(text): invalid field \"\(part)\", must be a key=value pair"
                )
            }
            fields[part[..<equals].lowercased()] = String(part[part.index(after: equals)...])
        }
        let known: Set<String> = ["id", "src", "source", "env", "type"]
        if let other = fields.keys.filter({ !known.contains($0) }).min() {
            throw Failure("--secret \(text): unexpected key \"\(other)\"")
        }
        guard let id = fields["id"], !id.isEmpty else {
            throw Failure("--secret \(text): it has no id; write id=NAME,src=FILE")
        }
        let environment = Machine.environment()
        let isVariable = fields["type"] == "env"
        if let name = fields["env"] ?? (isVariable ? fields["src"] ?? id : nil) {
            return environment[name].map { (id, .value(Array($0.utf8))) }
        }
        if let path = fields["src"] ?? fields["source"] {
            // As buildx does it, whether a step wants it or not.
            guard access(path, F_OK) == 0 else {
                let reason = String(cString: strerror(errno)).lowercased()
                throw Failure("failed to build: failed to stat \(path): stat \(path): \(reason)")
            }
            return (id, .file(try Machine.absolute(path)))
        }
        if let value = environment[id] { return (id, .value(Array(value.utf8))) }
        guard access(id, F_OK) == 0 else {
            throw Failure(
                "failed to build: failed to stat \(id): stat \(id): no such file or directory"
            )
        }
        return (id, .file(try Machine.absolute(id)))
    }

    private static func host(_ text: String) throws -> ExtraHost {
        let separator = text.firstIndex(of: "=") ?? text.firstIndex(of: ":")
        guard let separator, separator != text.startIndex else {
            throw Failure("bad format for add-host: \"\(text)\"; write name:address")
        }
        let name = String(text[..<separator])
        var address = String(text[text.index(after: separator)...])
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = String(address.dropFirst().dropLast())
        }
        if address == BuildRequest.hostGateway { return ExtraHost(name: name, address: address) }
        var bytes = in6_addr()
        guard inet_pton(AF_INET, address, &bytes) == 1 || inet_pton(AF_INET6, address, &bytes) == 1
        else {
            throw Failure("invalid IP address in add-host: \"\(address)\"")
        }
        return ExtraHost(name: name, address: address)
    }

    private static func limit(_ text: String) throws -> ResourceLimit {
        let wrong = Failure("--ulimit \(text): write name=soft[:hard], as nofile=1024:2048")
        guard let equals = text.firstIndex(of: "=") else { throw wrong }
        let name = String(text[..<equals])
        let parts = text[text.index(after: equals)...].split(separator: ":").map { part in
            part == "-1" ? UInt64.max : UInt64(part)
        }
        guard (1...2).contains(parts.count), let soft = parts[0],
            let hard = parts.count == 2 ? parts[1] : soft, soft <= hard, !name.isEmpty
        else { throw wrong }
        return ResourceLimit(name: name, soft: soft, hard: hard)
    }
}
