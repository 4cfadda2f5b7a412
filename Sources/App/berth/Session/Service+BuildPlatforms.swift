import Compose
import OCI
import Reconciler

extension Service {
    /// This machine builds for itself alone. Returns what is left out of several platforms, nil where
    /// nothing is.
    /// - Throws: `ReconcilerError` at the place of what cannot be built.
    func checkBuildPlatforms() throws -> String? {
        guard let build else { return nil }
        let host = Platform.host
        let subject = "service \"\(name)\""
        if let wanted = try imagePlatform(), host.rank(of: wanted) == nil {
            throw ReconcilerError(
                subject,
                "this machine builds for \(host) and not for \(wanted)",
                remedy: "build there, or leave the platform out",
                at: "services.\(name).platform"
            )
        }
        let place = "services.\(name).build.platforms"
        var foreign: [String] = []
        for (index, text) in build.platforms.enumerated() {
            do {
                guard try PlatformOption.read(text).normalized != host.normalized else { continue }
            } catch {
                throw ReconcilerError(subject, "\(error)", at: "\(place)[\(index)]")
            }
            foreign.append(text)
        }
        guard !foreign.isEmpty else { return nil }
        let names = foreign.joined(separator: ", ")
        guard foreign.count < build.platforms.count else {
            throw ReconcilerError(
                subject,
                "this machine builds for \(host) and not for \(names)",
                remedy: "build there, or add \(host)",
                at: place
            )
        }
        return
            "\(name): build.platforms: nothing is built for \(names); this machine builds for \(host)"
    }
}
