import Addresses
import Compose
import ContainerRuntime
import Engine
import Glibc
import Linux
import OCI
import OrderedCollections
import Reconciler

/// A container that belongs to no project, on its way from flags to its record. docs/decisions/035.
struct StandaloneContainer {
    let session: Session
    let flags: StandaloneFlags
    let image: String
    let command: [String]

    /// Makes the container; nothing runs yet. `input` is what becomes of its standard input, if it
    /// has one.
    func make(input: Streams.Input) async throws -> ContainerRecord {
        try flags.creation.checkName()
        let identifier = try flags.creation.cidfile.map { try IdentifierFile($0) }
        let written = try flags.service(command)
        let project = try written.project(Machine.environment())
        guard let service = project.services[FlaggedService.name] else {
            preconditionFailure("the project has this service alone")
        }
        var image = try await found(image)
        for case .image(let name) in service.volumes.map(\.source) {
            let mounted = try await found(name)
            image.mounted[name] = .init(reference: name, digest: mounted.digest)
        }
        var spec = try await spec(of: service, in: project, image, written)
        try await adapt(&spec, input: input)
        let record = try await create(spec)
        try identifier?.write(record.id)
        return record
    }

    /// An image, pulled where it is not here and may be.
    private func found(_ text: String) async throws -> ServiceImage {
        try await StandaloneImage(session: session, text: text, flags: flags.creation).get()
    }

    /// The second shape of the service, as the existing function makes it.
    private func spec(
        of service: Service,
        in project: Project,
        _ image: ServiceImage,
        _ written: FlaggedService
    ) async throws -> ContainerSpec {
        guard !hasNothingToRun(service, image) else {
            throw Failure(engine: "no command specified")
        }
        var project = project
        for case .volume(let key?, _) in service.volumes.map(\.source) {
            project.volumes[key] = VolumeDeclaration(name: key)
        }
        for key in service.networks.keys {
            var network = NetworkDeclaration(name: try await networkName(key))
            network.external = true
            project.networks[key] = network
        }
        do throws(ReconcilerError) {
            return try ContainerSpec(of: service, in: project, image: image)
        } catch {
            throw Failure(reconciling: error, written)
        }
    }

    /// Docker's rule: an entrypoint of the command line drops the image's command.
    private func hasNothingToRun(_ service: Service, _ image: ServiceImage) -> Bool {
        guard command.isEmpty else { return false }
        if let entrypoint = flags.process.entrypoint { return entrypoint.isEmpty }
        return (image.defaults.entrypoint ?? []).isEmpty && (image.defaults.command ?? []).isEmpty
    }

    private func networkName(_ text: String) async throws -> String {
        if text == NetworkRecord.nameOfDefault {
            return try await session.engine.defaultNetwork().name
        }
        guard let network = try await session.engine.network(matching: text) else {
            throw Failure(
                engine: "failed to set up container networking: network \(text) not found"
            )
        }
        return network.name
    }

    /// What a container of its own has otherwise than a service's.
    private func adapt(_ spec: inout ContainerSpec, input: Streams.Input) async throws {
        let process = flags.process
        if flags.process.entrypoint != nil, command.isEmpty {
            spec.process.arguments = Array(spec.process.arguments.prefix(1))
        }
        spec.streams =
            process.tty ? .terminal(input: input) : input == .none ? nil : .pipes(input: input)
        flags.limits.adapt(&spec.resources)
        spec.isRemovedAtEnd = flags.creation.removes ? true : nil
        if case .attached(var attachments) = spec.network {
            for index in attachments.indices {
                attachments[index].aliases.removeAll { $0 == FlaggedService.name }
            }
            spec.network = .attached(attachments)
        }
        if flags.network.publishesAll { publishAll(&spec) }
        if spec.network == .host, !flags.network.publish.isEmpty {
            Terminal.line(
                "WARNING: Published ports are discarded when using host network mode",
                to: .error
            )
        }
        if let asked = spec.asked { spec.asked = try self.asked(asked) }
        try await name(&spec)
    }

    /// `-P`: what is named and not published yet, at free ports.
    private func publishAll(_ spec: inout ContainerSpec) {
        guard case .attached = spec.network else { return }
        for exposed in spec.exposed ?? [] {
            guard let transport = PortBinding.Transport(rawValue: exposed.transport.rawValue) else {
                continue
            }
            for port in exposed.ports.first...exposed.ports.last
            where !spec.ports.contains(where: {
                $0.containerPort == port && $0.transport == transport
            }) {
                spec.ports.append(
                    PortBinding(
                        hostAddress: "0.0.0.0",
                        hostPort: nil,
                        containerPort: port,
                        transport: transport
                    )
                )
            }
        }
    }

    /// The containers that it shares something with, by what no renaming changes where that is
    /// possible: they may be written as any prefix of an identifier.
    private func name(_ spec: inout ContainerSpec) async throws {
        let engine = session.engine
        func found(_ text: String) async throws -> ContainerRecord {
            do { return try await engine.container(matching: text) } catch let error as EngineError
                where error.kind == .notFound
            { throw Failure(engine: "No such container: \(text)") }
        }
        if case .container(let text) = spec.network {
            do { spec.network = .container(try await found(text).id.text) } catch {
                guard var failure = Failure(error) else { throw error }
                let preface = "joining network namespace of container: "
                failure.lines[0] = preface + failure.lines[0]
                throw failure
            }
        }
        for path in [\NamespaceSpec.pid, \NamespaceSpec.ipc] {
            guard case .container(let text)? = spec.namespaces?[keyPath: path] else { continue }
            spec.namespaces?[keyPath: path] = .container(try await found(text).id.text)
        }
        for index in (spec.volumesFrom ?? []).indices {
            let text = spec.volumesFrom?[index].container ?? ""
            spec.volumesFrom?[index].container = try await found(text).name
        }
        for index in (spec.links ?? []).indices {
            guard case .container(let text)? = spec.links?[index].target else { continue }
            do { spec.links?[index].target = .container(try await found(text).name) } catch {
                throw Failure(
                    engine: "could not get container for \(text): No such container: \(text)"
                )
            }
        }
    }

    /// The record, under the name asked for or a new one; volumes by name are made before.
    private func create(_ spec: ContainerSpec) async throws -> ContainerRecord {
        let engine = session.engine
        let lock = try await engine.convergenceLock(ofProject: Layout.standaloneProject)
        defer { withExtendedLifetime(lock) {} }
        try await session.recover()
        try await makeVolumes(of: spec)
        if let name = flags.creation.name, !name.isEmpty {
            try await checkFree(name)
            return try await create(spec, named: name)
        }
        var name = RandomName.make()
        while try await isTaken(name) { name = RandomName.make(isRetry: true) }
        return try await create(spec, named: name)
    }

    private func create(_ spec: ContainerSpec, named name: String) async throws -> ContainerRecord {
        let records = try await session.engine.createContainers([
            ContainerRequest(name: name, spec: spec)
        ])
        guard let record = records.first else { preconditionFailure("one was asked for") }
        return record
    }

    private func makeVolumes(of spec: ContainerSpec) async throws {
        let options = try flags.storage.mounts()
        for case .volume(let name, _) in spec.mounts.map(\.source) {
            var request = VolumeRequest(name: name)
            for mount in options where mount.volume == name {
                request.driverOptions.merge(mount.volumeOptions) { $1 }
            }
            _ = try await session.engine.createVolume(request)
        }
    }

    private func isTaken(_ name: String) async throws -> Bool {
        do { return try await session.engine.container(matching: name).name == name } catch let
            error as EngineError where [.notFound, .conflict].contains(error.kind)
        { return false }
    }

    private func checkFree(_ name: String) async throws {
        guard try await isTaken(name) else { return }
        let owner = try await session.engine.container(matching: name)
        throw Failure(
            engine: "Conflict. The container name \"/\(name)\" is already in use by container "
                + "\"\(owner.id.text)\". You have to remove (or rename) that container to be able "
                + "to reuse that name."
        )
    }
}

extension Failure {
    /// What of a service cannot be made a container, told of the flag that asks for it.
    init(reconciling error: ReconcilerError, _ written: FlaggedService) {
        let lines = error.problems.map { problem -> String in
            let text = problem.remedy.map { "\(problem.reason); \($0)" } ?? problem.reason
            guard let origin = problem.path.flatMap({ written.origin(of: $0) }) else { return text }
            return "\(origin.flag.split(separator: " ").last ?? ""): \(text)"
        }
        self.init(engine: lines.joined(separator: "\n"))
    }
}

/// The file of `--cidfile`: it must not be there before.
struct IdentifierFile {
    private let path: String

    init(_ path: String) throws {
        self.path = path
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        if access(folder, F_OK) != 0 {
            throw Failure(
                "failed to create the container ID file: open \(path): no such file or directory"
            )
        }
        guard access(path, F_OK) != 0 else {
            throw Failure(
                "container ID file found, make sure the other container isn't running or delete "
                    + path,
                exitCode: 125
            )
        }
    }

    /// Without an end of line, as docker's.
    func write(_ id: ContainerID) throws {
        try atomicWrite(Array(id.text.utf8), to: try Machine.absolute(path), synced: false)
    }
}
