import DockerViews
import Engine
import TextForms

/// How much the build cache may have: what `BERTH_BUILD_CACHE_MAX` says, and the bounds that hold
/// for everybody.
enum BuildCacheBound {
    /// The variable's value in bytes; nil where nothing is set.
    static func maximum(_ environment: [String: String]) throws -> Int64? {
        guard let text = environment["BERTH_BUILD_CACHE_MAX"], !text.isEmpty else { return nil }
        guard let bytes = ByteSize.parse(text), bytes > 0 else {
            throw Failure("BERTH_BUILD_CACHE_MAX is \"\(text)\": write a size: 20g, 512m")
        }
        return bytes
    }

    /// Takes what is too much away after a build. The image is there, so that nothing of this fails
    /// the build.
    static func keep(_ session: Session, _ progress: Progress) async {
        do {
            let maximum = try maximum(Machine.environment())
            let removal = try await session.engine.boundBuildCache(maximum: maximum)
            guard removal.bytes > 0 else { return }
            progress.note(
                "the build cache was over its bounds: \(HumanSize.decimal(removal.bytes)) of what "
                    + "was used longest ago are gone (`berth builder du` lists the rest)"
            )
        } catch {
            progress.warn("the build cache may be over its bounds: \(error)")
        }
    }
}
