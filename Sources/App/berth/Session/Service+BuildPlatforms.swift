import Builder
import Compose
import OCI
import Reconciler

extension Service {
    /// What its image is built for: with `every` all of `build.platforms`, as `build` makes an index of
    /// them; otherwise the one that it is to run on, as docker compose has it. None for this machine's own.
    /// - Throws: `ReconcilerError` at the place of what is no platform.
    func buildPlatforms(every: Bool) throws -> [Platform] {
        guard let build else { return [] }
        let host = Platform.host
        let listed = try platforms(of: build)
        let wanted = try imagePlatform().map { $0.normalized == host.normalized ? host : $0 }
        if every, !listed.isEmpty {
            let others = listed.contains { $0.normalized == wanted?.normalized } ? nil : wanted
            return listed + (others.map { [$0] } ?? [])
        }
        if let wanted { return [wanted] }
        return listed.count == 1 ? listed : []
    }

    /// What is stated of where its image comes from: `given`, otherwise what `build.provenance` says.
    /// - Throws: `ReconcilerError` at the place of what is not valid.
    func buildProvenance(_ given: String?) throws -> BuildProvenance? {
        do {
            return try (given ?? build?.provenance).flatMap { try BuildProvenance(parsing: $0) }
        } catch {
            throw ReconcilerError(
                "service \"\(name)\"",
                "\(error)",
                at: "services.\(name).build.provenance"
            )
        }
    }

    private func platforms(of build: BuildDeclaration) throws -> [Platform] {
        var found: [Platform] = []
        for (index, text) in build.platforms.enumerated() {
            do {
                let platform = try PlatformOption.read(text)
                if !found.contains(where: { $0.normalized == platform.normalized }) {
                    found.append(platform)
                }
            } catch {
                throw ReconcilerError(
                    "service \"\(name)\"",
                    "\(error)",
                    at: "services.\(name).build.platforms[\(index)]"
                )
            }
        }
        return found
    }
}
