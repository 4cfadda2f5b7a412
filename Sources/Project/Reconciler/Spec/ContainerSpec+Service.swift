package import Compose
package import ContainerRuntime
import KernelNames
package import OCI
import OrderedCollections

/// An image on this machine, as a service sees it.
package struct ServiceImage: Hashable, Sendable {
    /// What the file says: `redis:7`.
    package var reference: String
    /// Digest of the configuration, the image's identity.
    package var digest: Digest
    package var defaults: ContainerDefaults
    package var platform: Platform
    /// Since it was pulled last, where the service's `pull_policy` asks for it.
    package var age: Duration?
    /// Of the images that the service mounts, those that are on this machine, by what the file calls
    /// them.
    package var mounted: [String: MountedImage] = [:]

    /// An image that is mounted.
    package struct MountedImage: Hashable, Sendable {
        /// What its name is, or that of its service's image.
        package var reference: String
        /// Of its configuration.
        package var digest: Digest

        /// Says where it is found, and what it is.
        package init(reference: String, digest: Digest) {
            self.reference = reference
            self.digest = digest
        }
    }

    package init(
        reference: String,
        digest: Digest,
        defaults: ContainerDefaults,
        platform: Platform = .host
    ) {
        self.reference = reference
        self.digest = digest
        self.defaults = defaults
        self.platform = platform
    }
}

extension ContainerSpec {
    /// What runs for one replica of a service: the first shape of a service becomes the second.
    /// `companions` has the container that another service means whose namespaces it shares, where
    /// that is not the one called so in the file.
    ///
    /// Every field of the spec is named here, and every field of `Service` that is not below has
    /// no part in what runs: `build`, `pullPolicy` (where the image comes from), `containerName`,
    /// `scale` (how many, and their names), `dependsOn` (when), `profiles` (whether).
    package init(
        of service: Service,
        in project: Project,
        image: ServiceImage,
        given: GivenFiles? = nil,
        companions: [String: String] = [:]
    ) throws(ReconcilerError) {
        let defaults = image.defaults
        let neighbours = Neighbours(names: companions, project: project)
        self.init(
            image: image.digest,
            imageName: image.reference,
            process: try ProcessSpec(of: service, image: image)
        )
        hostname = service.hostname
        domainName = service.domainname.flatMap { $0.isEmpty ? nil : $0 }
        mounts = try MountSpec.all(of: service, in: project, image: image)
        let given = if let given { given } else { try GivenFiles(of: service, in: project) }
        mounts += given.mounts
        let devices = (service.devices.edits?.mounts ?? []).map(MountSpec.init(of:))
        mounts.removeAll { mount in devices.contains { $0.target == mount.target } }
        mounts += devices
        volumesFrom = InheritedMounts.all(of: service, neighbours)
        readOnlyRoot = service.readOnly
        usesInit = service.usesInit ?? false
        security = try SecuritySpec(of: service)
        resources = ResourceLimits(of: service)
        self.devices = DeviceSpec(of: service)
        shmSizeBytes = service.resources.shmSizeBytes.flatMap { $0 > 0 ? $0 : nil } ?? 64 << 20
        network = try NetworkMode(of: service, in: project, neighbours)
        namespaces = NamespaceSpec(of: service.namespaces, neighbours)
        ports = try PortBinding.all(of: service)
        exposed = ExposedPorts.all(of: service, image: defaults)
        extraHosts = service.extraHosts.map(ExtraHost.init(of:))
        dns = DNSSettings(of: service.dns)
        links = ContainerLink.all(of: service)
        stop = try StopSettings(of: service, image: image)
        // As docker compose has it, that of `deploy` replaces the other, whatever it leaves out.
        restart = RestartPolicy(
            of: service.deploy?.restartPolicy.map(\.condition) ?? service.restart
        )
        healthcheck = Healthcheck(of: service.healthcheck, image: defaults)
        onUnhealthy = service.onUnhealthy.map(HealthAction.init(of:))
        hooks = HookSpecs(of: service)
        log = LogSpec(of: service.logging)
        streams = Streams(of: service)
        labels = defaults.labels.merging(
            service.labels.map { ($0.key, $0.value) },
            uniquingKeysWith: { _, own in own }
        )
        if !service.annotations.isEmpty {
            annotations = Dictionary(uniqueKeysWithValues: service.annotations.map { ($0, $1) })
        }
        asked = AskedSettings(of: service, image: image, network: network)
        try setSysctls(of: service)
        try checkOwnUsers(of: service)
    }
}

extension Streams {
    /// nil for what most services have, so that a spec from before there were terminals is no other.
    fileprivate init?(of service: Service) {
        let input: Input = service.stdinOpen ? .open : .none
        if service.tty {
            self = .terminal(input: input)
        } else if service.stdinOpen {
            self = .pipes(input: input)
        } else {
            return nil
        }
    }
}

extension ProcessSpec {
    /// Docker's rules: an `entrypoint` of the service also drops the image's CMD, an empty one only
    /// the image's ENTRYPOINT; a `command` replaces CMD, an empty one does not.
    fileprivate init(of service: Service, image: ServiceImage) throws(ReconcilerError) {
        let defaults = image.defaults
        let entrypoint = service.entrypoint ?? defaults.entrypoint ?? []
        var command = service.command ?? []
        if command.isEmpty, service.entrypoint?.isEmpty ?? true {
            command = defaults.command ?? []
        }
        let arguments = entrypoint + command
        guard !arguments.isEmpty else {
            throw ReconcilerError(
                "service \"\(service.name)\"",
                "nothing to run: neither it nor image \(image.reference) has a command",
                remedy: "set `command`"
            )
        }
        self.init(arguments: arguments)
        environment = Self.environment(of: service, image: defaults)
        workingDirectory = Self.workingDirectory(of: service, image: defaults)
        user = service.user ?? defaults.user
        supplementaryGroups = service.groupAdd
        for group in service.devices.edits?.groups ?? []
        where !supplementaryGroups.contains("\(group)") { supplementaryGroups.append("\(group)") }
        resourceLimits = [ResourceLimit](of: service)
    }

    /// The image's variables in their places, then the service's own. `HOSTNAME` and `HOME` are the
    /// runtime's: they depend on the container and on the files in it.
    private static func environment(of service: Service, image: ContainerDefaults) -> [String] {
        var variables: OrderedDictionary<String, String> = [:]
        variables["PATH"] = defaultPath
        for entry in image.environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        for (name, value) in service.environment { variables[name] = value }
        // What a device needs counts before what anybody says, as with docker.
        for entry in service.devices.edits?.environment ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        return variables.map { "\($0.key)=\($0.value)" }
    }

    /// A relative one is beneath the image's.
    private static func workingDirectory(
        of service: Service,
        image: ContainerDefaults
    ) -> String {
        let base = cleaned(image.workingDirectory.isEmpty ? "/" : image.workingDirectory)
        guard let own = service.workingDirectory, !own.isEmpty else { return base }
        return own.hasPrefix("/") ? cleaned(own) : cleaned("\(base)/\(own)")
    }
}

extension StopSettings {
    fileprivate init(
        of service: Service,
        image: ServiceImage
    ) throws(ReconcilerError) {
        self.init()
        if let own = service.stopSignal {
            signal = own.number
        } else if let text = image.defaults.stopSignal {
            guard let declared = Signal(text) else {
                throw ReconcilerError(
                    "service \"\(service.name)\"",
                    "image \(image.reference) has the unknown stop signal \"\(text)\"",
                    remedy: "set `stop_signal`"
                )
            }
            signal = declared.number
        }
        if let grace = service.stopGracePeriod { self.grace = grace }
    }
}

extension RestartPolicy {
    /// What a service says of when it is started again; nothing is never.
    package init(of declaration: RestartDeclaration?) {
        self =
            switch declaration {
            case nil, .no: .no
            case .always: .always
            case .unlessStopped: .unlessStopped
            case .onFailure(let count): .onFailure(maximumRetries: count)
            }
    }
}
