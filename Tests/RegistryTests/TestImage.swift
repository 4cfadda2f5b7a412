import NIOHTTP1
import OCI

/// A small image as a registry would serve it.
struct TestImage: Sendable {
    /// What stands for a layer here: its blob need not be a tar for the registry's part.
    var layer = Array("a layer, or so it says, ".utf8) + [UInt8](repeating: 7, count: 50_000)
    var configuration: ImageConfiguration
    var configurationBytes: [UInt8]
    var manifest: Manifest
    var document: [UInt8]

    init(platform: Platform = .host) throws {
        configuration = ImageConfiguration(platform: platform, diffIDs: [.of(layer)])
        configurationBytes = try OCIJSON.encode(configuration)
        manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, of: configurationBytes),
            layers: [Descriptor(mediaType: MediaType.ociLayer, of: layer)]
        )
        document = try OCIJSON.encode(manifest)
    }

    var layerDescriptor: Descriptor { manifest.layers[0] }

    var descriptor: Descriptor {
        var descriptor = Descriptor(mediaType: MediaType.ociManifest, of: document)
        descriptor.platform = configuration.platform
        return descriptor
    }

    /// What a good registry answers about `app` with the tag `1`; nil for anything else.
    func answer(_ request: TestServer.Request) -> TestServer.Answer? {
        let path = request.uri
        if path == "/v2/" { return .status(200) }
        if path == "/v2/app/manifests/1" || path == "/v2/app/manifests/\(descriptor.digest)" {
            return Self.manifest(document, MediaType.ociManifest)
        }
        if path == "/v2/app/blobs/\(manifest.config.digest)" {
            return TestServer.Answer(body: configurationBytes)
        }
        if path == "/v2/app/blobs/\(layerDescriptor.digest)" {
            return Self.ranged(layer, request)
        }
        return nil
    }

    static func manifest(_ bytes: [UInt8], _ type: String) -> TestServer.Answer {
        TestServer.Answer(
            headers: [
                "Content-Type": type, "Docker-Content-Digest": "\(Digest.of(bytes))",
            ],
            body: bytes
        )
    }

    /// Honours `Range: bytes=N-`.
    static func ranged(_ bytes: [UInt8], _ request: TestServer.Request) -> TestServer.Answer {
        guard let range = request.headers.first(name: "Range"),
            let start = Int(range.dropFirst("bytes=".count).dropLast())
        else { return TestServer.Answer(body: bytes) }
        return TestServer.Answer(
            status: 206,
            headers: ["Content-Range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
            body: Array(bytes[start...])
        )
    }
}
