import Addresses
import ContainerNetwork
import ContainerRuntime
import ImageStore
import Linux
import Logging
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Builder
@testable import Engine

/// An engine with state folders and a network namespace of its own.
struct TestEngine: Sendable {
    let scratch: Scratch
    let keeper: FilePath
    let engine: Engine
    let kernel: NetworkKernel
    /// An image without layers that containers can be made from.
    let image: ImageRecord

    init(keeper: FilePath = "/nonexistent/berth-keeper") async throws {
        self.keeper = keeper
        scratch = try Scratch(check: Self.expectNoCgroups)
        let netns = try await NamespaceThread.make()
        kernel = NetworkKernel(netns: netns)
        // Its loopback, where ports are published.
        try await kernel.prepareNamespace(netns)
        engine = try Self.open(scratch, kernel, keeper)
        let configuration = Array(#"{"architecture":"amd64","os":"linux"}"#.utf8)
        image = ImageRecord(
            id: .of(configuration),
            manifest: nil,
            configuration: configuration,
            layers: [],
            sizeBytes: 0,
            recordedAt: .now()
        )
        try await engine.record(image, as: [try ImageReference("test/image")])
    }

    private static func expectNoCgroups(_ scratch: Scratch) throws {
        for root in ["root", "root-2"] {
            #expect(try Cgroups.detect(root: scratch(root)).entries().isEmpty)
        }
    }

    /// Another process's engine over the same state.
    func another() throws -> Engine { try Self.open(scratch, kernel, keeper) }

    /// An engine with other state folders in the same network namespace.
    func neighbour() throws -> Engine {
        try Engine.open(
            Layout(root: scratch("root-2"), run: scratch("run-2")),
            keeper: keeper,
            kernel: kernel,
            logger: Logger(label: "test")
        )
    }

    private static func open(
        _ scratch: Scratch,
        _ kernel: NetworkKernel,
        _ keeper: FilePath
    ) throws -> Engine {
        try Engine.open(
            Layout(root: scratch("root"), run: scratch("run")),
            keeper: keeper,
            kernel: kernel,
            logger: Logger(label: "test")
        )
    }

    func spec(_ change: (inout ContainerSpec) -> Void = { _ in }) -> ContainerSpec {
        var spec = ContainerSpec(
            image: image.id,
            imageName: "test/image",
            process: ProcessSpec(arguments: ["/app"])
        )
        change(&spec)
        return spec
    }

    func request(
        _ name: String,
        network: String? = nil,
        _ change: (inout ContainerSpec) -> Void = { _ in }
    ) -> ContainerRequest {
        var request = ContainerRequest(
            name: name,
            spec: spec { spec in
                if let network {
                    spec.network = .attached([NetworkAttachment(network: network)])
                }
                change(&spec)
            }
        )
        request.project = "shop"
        request.service = String(name.prefix { $0 != "-" })
        return request
    }

    /// Lets the build cache remember a step for each of these layers.
    func remember(_ layers: some Collection<Digest>) throws {
        let cache = BuildCache(engine.layout.buildCache.appending("cache"))
        for layer in layers {
            let step = BuildCache.Record(layer: layer, size: 1, created: "2026-01-02T03:04:05Z")
            try cache.store(step, for: .of("step of \(layer)".utf8))
        }
    }

    func create(_ request: ContainerRequest) async throws -> ContainerRecord {
        try #require(try await engine.createContainers([request]).first)
    }

    func endpoint(_ id: ContainerID) async throws -> EndpointRecord {
        try #require(try await engine.observe(id).endpoints.first)
    }
}

/// The error a verb threw, which must be the engine's.
func engineError(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async -> EngineError? {
    do {
        try await body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let error as EngineError {
        return error
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
    return nil
}

extension NetworkRecord {
    /// Of a network of the tests, which has IPv4.
    var subnet: IPv4Subnet { ipv4?.subnet ?? IPv4Subnet(around: .any, prefixLength: 32) }
    var gateway: IPv4Address { ipv4?.gateway ?? .any }
}

extension EndpointRecord {
    var ipv4: IPv4Address? { addresses.ipv4 }
}
