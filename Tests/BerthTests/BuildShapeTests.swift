import Builder
import Compose
import OrderedCollections
import SystemPackage
import TestSupport
import Testing

@testable import berth

/// Nothing of `build` that is called carried out gets lost between the file and the builder.
@Suite("shape of a build")
struct BuildShapeTests {
    /// `tags` are names of the result, and the others the caller minds: the request that is made here
    /// does not have them.
    private static let others = ["tags", "pull", "platforms", "provenance"].map {
        "services.*.build.\($0)"
    }
    private static let cases = ShapeCase.all.filter {
        $0.attribute.hasPrefix("services.*.build.") && !others.contains($0.attribute)
    }

    @Test("an attribute that is carried out changes what is built", arguments: cases)
    func changes(example: ShapeCase) throws {
        #expect(try request(example.before) != request(example.after))
        #expect(try request(example.before) == request(example.before))
    }

    @Test("there are such attributes")
    func some() { #expect(Self.cases.count >= 7) }

    /// All of what is asked of the builder for service `web`, as text.
    private func request(_ text: String) throws -> [String] {
        let files = MemoryFiles(ShapeCase.files.merging(["compose.yaml": text]) { $1 })
        let project = try ComposeLoader(files: files).load(.test(.run)).project
        let declaration = try #require(project.services["web"]?.build)
        let request = BuildRequest(
            of: declaration,
            namedContexts: declaration.additionalContexts.reduce(into: [:]) {
                $0[$1.key] = .directory(FilePath($1.value))
            },
            secrets: project.secrets,
            environment: ["SSH_AUTH_SOCK": "/agent"]
        )
        return [
            "\(request.context?.string ?? "none")", "\(request.dockerfile)",
            request.target ?? "none", "\(request.ignoresCache)",
            "\(request.uncachedStages.sorted())", "\(request.networkMode)",
            "\(request.extraHosts)", "\(request.shmSizeBytes ?? 0)", "\(request.resourceLimits)",
            "\(request.entitlements.map(\.rawValue).sorted())",
            "\(try CacheOptions(from: declaration.cacheFrom, to: declaration.cacheTo))",
        ] + request.agents.map { "agent \($0)=\($1)" }.sorted()
            + request.secrets.map { "secret \($0)=\($1)" }.sorted()
            + request.arguments.map { "argument \($0)=\($1)" }.sorted()
            + request.labels.map { "label \($0)=\($1)" }.sorted()
            + request.namedContexts.map { "context \($0)=\($1)" }.sorted()
    }
}
