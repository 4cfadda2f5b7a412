import Builder
import Compose
import ContainerRuntime
import OrderedCollections
import SystemPackage

extension BuildRequest {
    /// What a service's `build` asks for. Every member of it is here but `tags`, which are names of
    /// the result, `pull`, `platforms`, `provenance` and `sbom`, which the caller minds, and
    /// `additionalContexts`, which `namedContexts` are made of. An argument without a value has that of the environment.
    init(
        of declaration: BuildDeclaration,
        namedContexts: [String: NamedContext],
        secrets files: OrderedDictionary<String, FileDeclaration> = [:],
        environment: [String: String]
    ) {
        self.init(context: FilePath(declaration.context))
        dockerfile =
            declaration.dockerfileInline.map { .inline($0) }
            ?? .path(FilePath(declaration.dockerfile))
        for (key, value) in declaration.args { arguments[key] = value ?? environment[key] }
        target = declaration.target
        labels = Dictionary(uniqueKeysWithValues: declaration.labels.map { ($0, $1) })
        self.namedContexts = namedContexts
        ignoresCache = declaration.noCache
        uncachedStages = Set(declaration.noCacheFilter.map { $0.lowercased() })
        networkMode = declaration.network.flatMap { .init(rawValue: $0) } ?? .default
        extraHosts = declaration.extraHosts.map { ExtraHost($0) }
        shmSizeBytes = declaration.shmSizeBytes
        resourceLimits = declaration.ulimits.map { name, limit in
            ResourceLimit(
                name: name,
                soft: UInt64(exactly: limit.soft) ?? .max,
                hard: UInt64(exactly: limit.hard) ?? .max
            )
        }
        entitlements = Set(
            declaration.entitlements.compactMap {
                BuildEntitlement(rawValue: $0)
            }
        )
        if declaration.privileged { entitlements.insert(.insecure) }
        agents = BuildAgents.sockets(declaration.ssh, environment)
        for reference in declaration.secrets {
            guard let secret = files[reference.source] else { continue }
            var given: BuildSecret
            if let file = secret.file {
                given = .file(FilePath(file))
            } else if let value = secret.variableValue {
                given = .value(Array(value.utf8))
            } else {
                continue
            }
            given.user = reference.uid.flatMap { UInt32($0) }
            given.group = reference.gid.flatMap { UInt32($0) }
            given.mode = reference.mode
            secrets[reference.target ?? reference.source] = given
        }
    }
}

extension ExtraHost {
    fileprivate init(_ entry: HostEntry) {
        switch entry.address {
        case .address(let address): self.init(name: entry.name, address: "\(address)")
        case .hostGateway: self.init(name: entry.name, address: BuildRequest.hostGateway)
        }
    }
}
