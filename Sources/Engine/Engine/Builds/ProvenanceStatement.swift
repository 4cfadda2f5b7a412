import Builder
import FoundationEssentials
import OCI

/// A statement of where an image comes from: in-toto Statement v0.1 with SLSA Provenance v0.2, its members
/// filled as BuildKit describes them for builds of Dockerfiles (docs/attestations/slsa-definitions.md
/// there), whose `buildType` says so. Steps have no counterpart of BuildKit's definitions: `buildConfig`
/// is left out.
struct ProvenanceStatement: Encodable {
    static let predicateType = "https://slsa.dev/provenance/v0.2"

    /// Something with a digest: an image, or what it was made of.
    struct Subject: Encodable {
        var name: String?
        var uri: String?
        var digest: [String: String]
    }

    private struct Predicate: Encodable {
        struct Builder: Encodable { var id: String }
        struct Invocation: Encodable {
            struct Source: Encodable {
                var uri: String?
                var entryPoint: String
            }
            struct Local: Encodable { var name: String }
            struct Parameters: Encodable {
                var frontend = "dockerfile.v0"
                var args: [String: String]
                var locals: [Local]?
            }
            struct Environment: Encodable { var platform: String }

            var configSource: Source
            var parameters: Parameters
            var environment: Environment
        }

        var builder: Builder
        var buildType = "https://mobyproject.org/buildkit@v1"
        var materials: [Subject]
        var invocation: Invocation
        var metadata: Metadata
    }

    private struct Metadata: Encodable {
        struct Completeness: Encodable {
            var parameters: Bool
            var environment: Bool
            var materials: Bool
        }
        struct Sources: Encodable {
            struct File: Encodable {
                var filename: String
                var language: String
                var data: Data
            }
            struct Files: Encodable { var infos: [File] }
            var source: Files
        }

        var buildInvocationID: String
        var buildStartedOn: String
        var buildFinishedOn: String
        var completeness: Completeness
        var reproducible: Bool
        var sources: Sources?

        private enum CodingKeys: String, CodingKey {
            case buildInvocationID, buildStartedOn, buildFinishedOn, completeness, reproducible
            case sources = "https://mobyproject.org/buildkit@v1#metadata"
        }
    }

    private var subject: [Subject]
    private var predicate: Predicate

    private enum CodingKeys: String, CodingKey {
        case type = "_type"
        case predicateType, subject, predicate
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("https://in-toto.io/Statement/v0.1", forKey: .type)
        try container.encode(Self.predicateType, forKey: .predicateType)
        try container.encode(subject, forKey: .subject)
        try container.encode(predicate, forKey: .predicate)
    }

    /// About the image of one platform; nil where the request wants none.
    init?(
        about manifest: Digest,
        as names: [ImageReference],
        _ result: BuildResult,
        _ request: BuildRequest,
        for platform: Platform,
        began: Timestamp
    ) {
        guard let wanted = request.provenance else { return nil }
        let digest = ["sha256": manifest.hex]
        let named = names.map {
            Subject(name: Self.packageURL($0, for: platform), digest: digest)
        }
        subject = named.isEmpty ? [Subject(name: "_", digest: digest)] : named
        let materials = result.bases.sorted { $0.key < $1.key }.map { image, digest in
            Subject(
                uri: Self.packageURL(image.reference, for: image.platform),
                digest: ["sha256": digest.hex]
            )
        }
        let all = Self.arguments(of: request)
        let shown = wanted.isWhole ? all : all.filter { !Self.isPrivate($0.key) }
        let locals = request.context == nil ? [] : ["context", "dockerfile"]
        predicate = Predicate(
            builder: .init(id: wanted.builderID),
            materials: materials,
            invocation: .init(
                configSource: .init(
                    uri: request.remoteContext?.address.map(Self.withoutSecrets),
                    entryPoint: result.dockerfile.name
                ),
                parameters: .init(
                    args: shown,
                    locals: locals.isEmpty ? nil : locals.map { .init(name: $0) }
                ),
                environment: .init(platform: "\(Platform.host)")
            ),
            metadata: Metadata(
                buildInvocationID: String(UInt64.random(in: .min ... .max), radix: 36),
                buildStartedOn: "\(began)",
                buildFinishedOn: "\(Timestamp.now())",
                // Files of the context are no materials, and neither is what steps download.
                completeness: .init(
                    parameters: shown.count == all.count,
                    environment: true,
                    materials: false
                ),
                reproducible: wanted.isReproducible,
                sources: wanted.isWhole ? Self.sources(result) : nil
            )
        )
    }

    private static func sources(_ result: BuildResult) -> Metadata.Sources {
        let file = Metadata.Sources.File(
            filename: result.dockerfile.name,
            language: "Dockerfile",
            data: Data(result.dockerfile.text.utf8)
        )
        return .init(source: .init(infos: [file]))
    }

    /// What was asked of the build, under the names that BuildKit's frontend has for it. Secrets are none of
    /// it.
    private static func arguments(of request: BuildRequest) -> [String: String] {
        var all: [String: String] = [:]
        for (name, value) in request.arguments { all["build-arg:\(name)"] = value }
        for (name, value) in request.labels { all["label:\(name)"] = value }
        if let target = request.target { all["target"] = target }
        if request.ignoresCache { all["no-cache"] = "" }
        if !request.uncachedStages.isEmpty {
            all["no-cache"] = request.uncachedStages.sorted().joined(separator: ",")
        }
        if request.platforms.count > 1 || request.platform != .host {
            all["platform"] = request.platforms.map(\.description).joined(separator: ",")
        }
        if request.networkMode != .default {
            all["force-network-mode"] = request.networkMode.rawValue
        }
        return all
    }

    private static func isPrivate(_ name: String) -> Bool {
        name.hasPrefix("build-arg:") || name.hasPrefix("label:")
    }

    /// An address without what stands before `@` in it: a password, or a token.
    private static func withoutSecrets(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return address }
        return String(address[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    /// `pkg:docker/redis@7?platform=linux%2Famd64`. purl-spec, type docker.
    private static func packageURL(_ name: ImageReference, for platform: Platform) -> String {
        let tagged = name.digest == nil ? name.tagged : name
        var qualifiers = ["platform=\("\(platform)".replacing("/", with: "%2F"))"]
        if let digest = name.digest {
            qualifiers.insert("digest=\("\(digest)".replacing(":", with: "%3A"))", at: 0)
        }
        let path = name.familiarName.replacing(":", with: "%3A")
        let version = tagged.tag.map { "@\($0)" } ?? ""
        return "pkg:docker/\(path)\(version)?" + qualifiers.joined(separator: "&")
    }
}
