import ContainerRuntime
import Glibc
import KernelNames
import Linux
import OCI
import SystemPackage

/// A RUN whose program did not end with 0.
struct RunFailure: Error, CustomStringConvertible {
    var description: String
    /// nil: it never came to start it.
    var exitCode: Int32?
}

/// Runs one RUN in a container of its own.
struct RunStep {
    let session: BuildSession
    let step: BuildStep
    let process: ProcessSpec
    let command: StepCommand
    let stack: LayerStack
    let network: RunOptions.Network
    let isInsecure: Bool
    /// What is called for `--on-error=shell`.
    let shell: [String]

    private static let hosts = """
        127.0.0.1\tlocalhost buildkitsandbox
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::\tip6-localnet
        ff00::\tip6-mcastprefix
        ff02::1\tip6-allnodes
        ff02::2\tip6-allrouters

        """

    /// Gives the folder of the step and, in it, the upper folder with what the program changed.
    /// `prepare` makes what the step mounts, in that folder.
    func run(
        _ prepare: (FilePath) async throws -> RunMounts
    ) async throws -> (folder: FilePath, upper: FilePath) {
        let id = ContainerID.random()
        let (folder, upper) = try session.workspace.makeStep(id.text)
        do {
            let record = try await attempt(id, in: folder, prepare)
            try session.runtime.cleanUp(id, in: folder)
            do { try check(record) } catch {
                try await letVisit(folder, prepare)
                throw error
            }
            return (folder, upper)
        } catch let error as RuntimeError {
            // The step is named already by whoever reports this.
            throw RunFailure(
                description: error.hint.map { "\(error.message); \($0)" } ?? error.message,
                exitCode: error.exitCode
            )
        }
    }

    /// A function of its own: when it returns, what is mounted is free for others.
    private func attempt(
        _ id: ContainerID,
        in folder: FilePath,
        _ prepare: (FilePath) async throws -> RunMounts
    ) async throws -> ExitRecord {
        let mounts = try await prepare(folder)
        let spec = try makeSpec(mounts, in: folder)
        let record = try await execute(
            spec,
            mounts,
            at: try await placement(id, in: folder, mounts)
        )
        withExtendedLifetime(mounts) {}
        return record
    }

    /// Where the step's container lives.
    func placement(
        _ id: ContainerID,
        in folder: FilePath,
        _ mounts: RunMounts
    ) async throws -> Placement {
        var placement = Placement(
            id: id,
            name: step.title,
            directory: folder,
            layers: (mounts.places.map { [$0] } ?? []) + (try session.lowerFolders(stack)),
            hosts: try await hosts(),
            resolvConf: resolvConf,
            cgroupParent: "build"
        )
        placement.onSupervisorExit = .kill
        placement.isEphemeral = true
        return placement
    }

    private func hosts() async throws -> String {
        var text = Self.hosts
        for host in session.request.extraHosts {
            var address = host.address
            if address == BuildRequest.hostGateway {
                // On the host's own network, and on none, this machine is the loopback.
                let gateway = network == .default ? session.request.network?.gateway : nil
                address = try await gateway?() ?? "127.0.0.1"
            }
            text += "\(address)\t\(host.name)\n"
        }
        return text
    }

    /// A step on the host's network has what the host has.
    private var resolvConf: String {
        guard network == .host else { return session.request.network?.resolvConf ?? "" }
        // Without one the step resolves nothing, as the host.
        let bytes = try? readFile("/etc/resolv.conf", limit: 1 << 20)
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func makeSpec(_ prepared: RunMounts, in folder: FilePath) throws -> ContainerSpec {
        var process = process
        for (name, value) in prepared.environment {
            Environment.set(name, value, in: &process.environment)
        }
        var mounts = prepared.specs
        if case .script(let text, _) = command, let target = command.scriptPath {
            let file = folder.appending("script")
            try atomicWrite(Array(text.utf8), to: file, mode: 0o555, synced: false)
            mounts.append(
                MountSpec(
                    source: .bind(path: file.string, create: false),
                    target: target,
                    readOnly: true
                )
            )
            process.arguments = [target]
        }
        // There is no image yet; what is below the step is what it runs in.
        let image = Digest.chain(stack.base + stack.own).last ?? Digest.of([])
        var spec = ContainerSpec(image: image, imageName: "build", process: process)
        spec.hostname = "buildkitsandbox"
        spec.mounts = mounts
        if network == .host { spec.network = .host }
        if let size = session.request.shmSizeBytes { spec.shmSizeBytes = size }
        if isInsecure { spec.security = .insecure }
        spec.resources.cgroupParent = session.request.cgroupParent
        return spec
    }

    private func execute(
        _ spec: ContainerSpec,
        _ mounts: RunMounts,
        at placement: Placement
    ) async throws -> ExitRecord {
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let created = try await create(spec, at: placement, writer: pipe.takeWriter())
        let disconnect = try await connect(created)
        do {
            let running = try await created.start()
            // It has them mounted; on the disk nothing stays of them.
            for secret in mounts.secrets { try removeTree(secret) }
            let record = try await follow(running, output: reader)
            await disconnect()
            return record
        } catch {
            await disconnect()
            throw error
        }
    }

    /// Gives a container that waits to start its network; what comes back takes it away again.
    func connect(_ created: CreatedContainer) async throws -> @Sendable () async -> Void {
        do {
            switch network {
            case .default:
                if let uplink = session.request.network { return try await uplink.connect(created) }
            case .none: try await session.request.network?.isolate?(created)
            case .host: break
            }
            return {}
        } catch {
            await created.abort()
            throw error
        }
    }

    /// Our end of the pipe is closed when this returns: the output ends with the container.
    private func create(
        _ spec: ContainerSpec,
        at placement: Placement,
        writer: consuming OwnedFD
    ) async throws -> CreatedContainer {
        let writer = SharedFD(writer)
        return try await session.runtime.create(
            spec,
            at: placement,
            output: .descriptors(stdout: writer, stderr: writer)
        )
    }

    private func follow(
        _ running: RunningContainer,
        output: SharedFD
    ) async throws -> ExitRecord {
        let runtime = session.runtime
        // Both end with the container, and the container with the kill below: a cancelled build has
        // to see the end too, since what is still running cannot be cleared away.
        let reading = Task { try await read(output) }
        let ending = Task { try await running.wait() }
        return try await withTaskCancellationHandler {
            let record = try await ending.value
            let unshown = try await reading.value
            try Task.checkCancellation()
            if record.cause != .exited(code: 0) {
                for line in unshown { session.tell(.output(step, line)) }
            }
            return record
        } onCancel: {
            // When it ended by itself meanwhile there is nothing left to kill.
            try? runtime.kill(running, signal: SIGKILL)
        }
    }

    /// Passes the output on, line by line, to the end; gives the last lines of what is too much to
    /// be shown.
    private func read(_ output: SharedFD) async throws -> [String] {
        var shown = StepOutput()
        while true {
            try await Readiness.readable(output)
            let bytes = try await output.read(upTo: 64 << 10)
            let lines = bytes.isEmpty ? shown.finish() : shown.add(bytes)
            for line in lines { session.tell(.output(step, line)) }
            if bytes.isEmpty { return shown.unshown }
        }
    }

    private func check(_ record: ExitRecord) throws {
        if record.cause == .exited(code: 0) { return }
        let reason: String
        switch record.cause {
        case .exited(let code): reason = "exit code: \(code)"
        case .signalled(let signal): reason = "killed by \(Signal(number: signal).name)"
        case .lost: reason = "its keeper was killed"
        }
        let memory = record.oomKilled ? " (out of memory)" : ""
        throw RunFailure(
            description: "process did not complete successfully: \(reason)\(memory)",
            exitCode: record.code
        )
    }
}

extension SecuritySpec {
    /// `RUN --security=insecure`: everything that root may do on this machine.
    fileprivate static var insecure: SecuritySpec {
        var security = SecuritySpec()
        security.capabilities = Capability.names.sorted()
        security.seccomp = .unconfined
        security.maskedPaths = []
        security.readOnlyPaths = []
        return security
    }
}
