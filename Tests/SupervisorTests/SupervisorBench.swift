import ContainerNetwork
import ContainerRuntime
import Foundation
import Glibc
import ImageStore
import Linux
import Logging
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Engine
@testable import Supervisor

/// State folders of a test's own with an image of busybox and an engine; gone with the object.
final class SupervisorBench: Sendable {
    let folder: FilePath
    let engine: Engine
    let project: String
    private let image: Digest

    init() async throws {
        project = "t\(String(UInt32.random(in: .min ... .max), radix: 36))"
        folder = FilePath("/tmp").appending("berth-test-\(project)")
        let layout = Layout(root: folder.appending("root"), run: folder.appending("run"))
        try makeDirectories(layout.root)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let netns = try await NamespaceThread.make()
        let kernel = NetworkKernel(netns: netns)
        // Its loopback, where ports are published.
        try await kernel.prepareNamespace(netns)
        engine = try Engine.open(
            layout,
            keeper: FilePath(Products.keeper),
            kernel: kernel,
            logger: logger
        )
        image = Digest.of(Array("image".utf8))
        let upper = folder.appending("root/upper")
        try makeBusyboxTree(at: upper, applets: Self.applets)
        let (diffID, _) = try engine.imageStore.adoptLayer(upper)
        try await engine.record(
            ImageRecord(
                id: image,
                manifest: nil,
                configuration: Array("{}".utf8),
                layers: [.init(diffID: diffID, blob: nil)],
                sizeBytes: 1,
                recordedAt: .now()
            ),
            as: []
        )
    }

    deinit {
        do {
            #expect(engine.runtime.cgroups.entries().isEmpty)
            try removeTree(folder)
        } catch { Issue.record(error) }
    }

    private static let applets = [
        "sh", "sleep", "true", "false", "test", "touch", "rm", "echo", "cat", "nslookup",
    ]

    func supervisor(descriptorLimit: UInt64 = .max, logger: Logger? = nil) -> Supervisor {
        Supervisor(
            project: project,
            engine: engine,
            command: command,
            descriptorLimit: descriptorLimit,
            logger: logger ?? quiet
        )
    }

    var quiet: Logger {
        var logger = Logger(label: "supervisor")
        logger.logLevel = .critical
        return logger
    }

    /// Keepers that find their starter gone call this: nothing comes back in a test.
    var command: SupervisorCommand {
        SupervisorCommand(program: "/bin/true", arguments: [], environment: [])
    }

    /// Records a container; without networks unless its spec is changed.
    func container(
        _ script: String,
        _ change: (inout ContainerSpec) -> Void = { _ in }
    ) async throws -> ContainerID {
        var spec = ContainerSpec(
            image: image,
            imageName: "test",
            process: ProcessSpec(arguments: ["/bin/sh", "-c", script])
        )
        spec.process.environment = ["PATH=/bin"]
        spec.stop.grace = .seconds(5)
        change(&spec)
        let name = "\(project)-c-\(UInt32.random(in: .min ... .max))"
        var request = ContainerRequest(name: name, spec: spec)
        request.project = project
        return try #require(try await engine.createContainers([request]).first).id
    }

    func record(_ id: ContainerID) async throws -> ContainerRecord {
        try await engine.container(id)
    }

    /// Starts a container as a supervisor that has died since did.
    func startUnattended(_ id: ContainerID) async throws -> RunningContainer {
        let running = try await startUnrecorded(id)
        try await engine.setDesired(.running, of: [id])
        try await engine.started(
            running,
            published: [],
            hasHealthcheck: try await record(id).spec.healthcheck != nil
        )
        return running
    }

    /// Starts a container whose record does not say so yet.
    func startUnrecorded(_ id: ContainerID) async throws -> RunningContainer {
        let prepared = try await engine.prepareStart(id)
        var placement = prepared.placement
        placement.onSupervisorExit = .stay
        let created = try await engine.runtime.create(prepared.spec, at: placement)
        try await engine.attachNetworks(created, prepared)
        return try await created.start()
    }
}

extension Supervisor {
    /// Every container has been let go.
    var hasNothing: Bool { containers.isEmpty }

    /// What it would say of each that runs or will.
    var statesOfAll: [LiveContainer.State] { status().map(\.state) }

    /// The reply of a verb that is to succeed.
    @discardableResult
    func ask(_ verb: Request.Verb) async throws -> Reply {
        let reply = await answer(verb)
        if case .failed(let error) = reply { throw error }
        return reply
    }

    func waited(_ id: ContainerID, until condition: WaitCondition) async throws -> WaitOutcome {
        guard case .waited(let result) = try await ask(.wait(container: id, until: condition))
        else { throw SupervisorError(.protocolViolation, "not an answer to a wait") }
        return result
    }
}
