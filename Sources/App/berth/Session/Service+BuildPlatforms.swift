import Compose
import OCI
import Reconciler

extension Service {
    /// What its image is built for: its `platform`, otherwise what `build.platforms` says; nil for this
    /// machine's own.
    /// - Throws: `ReconcilerError` at the place of what is no platform, or too many.
    func buildPlatform() throws -> Platform? {
        guard let build else { return nil }
        let host = Platform.host
        if let wanted = try imagePlatform() { return host.rank(of: wanted) == nil ? wanted : nil }
        let platforms = try platforms(of: build)
        guard !platforms.isEmpty, !platforms.contains(where: { $0.normalized == host.normalized })
        else { return nil }
        guard platforms.count == 1 else {
            throw ReconcilerError(
                "service \"\(name)\"",
                "an index of images for several platforms is not written",
                remedy: "name one of them, or add \(host)",
                at: "services.\(name).build.platforms"
            )
        }
        return platforms[0]
    }

    /// Returns what is left out of several platforms of a build; nil where nothing is.
    /// - Throws: as `buildPlatform`.
    func checkBuildPlatforms() throws -> String? {
        let wanted = try buildPlatform() ?? .host
        let others = try build.map { try platforms(of: $0) }?.filter {
            $0.normalized != wanted.normalized
        }
        guard let others, !others.isEmpty else { return nil }
        let names = others.map(\.description).joined(separator: ", ")
        return "\(name): build.platforms: nothing is built for \(names), only for \(wanted)"
    }

    private func platforms(of build: BuildDeclaration) throws -> [Platform] {
        try build.platforms.enumerated().map { index, text in
            do {
                return try PlatformOption.read(text)
            } catch {
                throw ReconcilerError(
                    "service \"\(name)\"",
                    "\(error)",
                    at: "services.\(name).build.platforms[\(index)]"
                )
            }
        }
    }
}
