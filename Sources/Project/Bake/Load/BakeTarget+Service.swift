import Addresses
package import Compose
import OrderedCollections

extension BakeTarget {
    /// The targets of a compose file: its services that have a build, named as buildx names them.
    ///
    /// Paths below the current folder, `directory`, are written relative to it; without one all are absolute.
    /// - Throws: what is wrong with `x-bake` of builds, at its place.
    package static func services(
        of loaded: LoadedProject,
        in directory: String?
    ) throws(BakeError) -> [BakeTarget] {
        var targets: [BakeTarget] = []
        var problems: [Problem] = []
        for service in loaded.project.services.values {
            guard let build = service.build else { continue }
            var target = BakeTarget(service, build, loaded.project, directory)
            do throws(BakeError) {
                try target.extend(by: service.name, in: loaded)
            } catch {
                problems += error.problems
            }
            targets.append(target)
        }
        guard problems.isEmpty else { throw BakeError(problems) }
        return targets
    }

    private init(
        _ service: Service,
        _ build: BuildDeclaration,
        _ project: Project,
        _ directory: String?
    ) {
        name = Self.name(ofService: service.name)
        let context =
            BuildDeclaration.isFetched(build.context)
            ? build.context : Self.relative(build.context, to: directory)
        fields[.context] = .text(context)
        set(
            .dockerfile,
            build.dockerfileInline == nil ? Self.dockerfile(of: build, directory) : nil
        )
        set(.dockerfileInline, build.dockerfileInline)
        set(.target, build.target)
        set(.network, build.network)
        set(.shmSize, build.shmSizeBytes.map { String($0) })
        set(.args, build.args.compactMapValues { $0 })
        set(.labels, build.labels)
        set(.contexts, build.additionalContexts.mapValues { Self.context($0, directory) })
        set(
            .extraHosts,
            OrderedDictionary(build.extraHosts.map { ($0.name, Self.address($0)) }) { $1 }
        )
        var tags: [String] = []
        for tag in [service.image].compactMap(\.self) + build.tags where !tags.contains(tag) {
            tags.append(tag)
        }
        set(.tags, tags)
        set(.platforms, build.platforms)
        set(.noCacheFilter, build.noCacheFilter)
        set(.entitlements, build.entitlements + (build.privileged ? ["security.insecure"] : []))
        set(.ulimits, build.ulimits.map { "\($0)=\($1.soft):\($1.hard)" })
        set(.cacheFrom, build.cacheFrom)
        set(.cacheTo, build.cacheTo)
        set(.ssh, build.ssh)
        if build.pull { fields[.pull] = .flag(true) }
        if build.noCache { fields[.noCache] = .flag(true) }
        set(.secret, build.secrets.compactMap { Self.secret($0, project, directory) })
        setAttestations(build)
    }

    private mutating func set(_ attribute: BakeAttribute, _ text: String?) {
        if let text, !text.isEmpty { fields[attribute] = .text(text) }
    }

    private mutating func set(
        _ attribute: BakeAttribute,
        _ entries: OrderedDictionary<String, String>
    ) {
        guard !entries.isEmpty else { return }
        fields[attribute] = .map(Dictionary(entries.map { ($0.key, $0.value) }) { $1 })
    }

    private mutating func set(_ attribute: BakeAttribute, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        guard attribute.form == .options else {
            fields[attribute] = .texts(texts)
            return
        }
        // What is no option was refused, or told, when the compose file was read.
        let options = texts.compactMap { try? BakeOptions(parsing: $0, of: attribute) }
        fields[attribute] = .options(options)
    }

    private mutating func setAttestations(_ build: BuildDeclaration) {
        var all: [BakeOptions] = []
        for (type, value) in [("provenance", build.provenance), ("sbom", build.sbom)] {
            guard let value else { continue }
            var options = ["type": type]
            switch value {
            case "true": break
            case "false": options["disabled"] = "true"
            default:
                for field in value.split(separator: ",") {
                    let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
                    if parts.count == 2 { options[parts[0]] = parts[1] }
                }
            }
            all.append(BakeOptions(options))
        }
        if !all.isEmpty { fields[.attest] = .options(all) }
    }

    private static func secret(
        _ reference: FileReference,
        _ project: Project,
        _ directory: String?
    ) -> String? {
        guard let declared = project.secrets[reference.source] else { return nil }
        let id = reference.target ?? reference.source
        if let file = declared.file { return "id=\(id),src=\(relative(file, to: directory))" }
        return declared.environment.map { "id=\(id),env=\($0)" }
    }

    private static func address(_ host: HostEntry) -> String {
        switch host.address {
        case .address(let address): "\(address)"
        case .hostGateway: "host-gateway"
        }
    }

    private static func context(_ value: String, _ directory: String?) -> String {
        if value.hasPrefix("service:") {
            return "target:" + name(ofService: String(value.dropFirst("service:".count)))
        }
        return value.contains("://") ? value : relative(value, to: directory)
    }

    /// The name of a service's target; names of targets have no dots.
    package static func name(ofService service: String) -> String {
        String(service.map { $0 == "." ? "_" : $0 })
    }

    private static func dockerfile(of build: BuildDeclaration, _ directory: String?) -> String {
        guard directory == nil, !BuildDeclaration.isFetched(build.context),
            !build.dockerfile.hasPrefix("/")
        else { return relative(build.dockerfile, to: build.context) }
        return "\(build.context)/\(build.dockerfile)"
    }

    private static func relative(_ path: String, to directory: String?) -> String {
        guard let directory else { return path }
        if path == directory { return "." }
        let folder = directory.hasSuffix("/") ? directory : directory + "/"
        return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    }
}
