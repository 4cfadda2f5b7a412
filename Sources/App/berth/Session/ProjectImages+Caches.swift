import Builder
import Engine
import Registry

extension ProjectImages {
    /// What caches elsewhere know; one that cannot be used is told, and the build goes on without it.
    func imported(_ options: CacheOptions) async throws -> [ImportedCache] {
        var caches: [ImportedCache] = []
        for option in options.sources {
            guard let place = option.place else { continue }
            do {
                caches.append(try await session.engine.importCache(from: place, client: client))
            } catch let error as CancellationError {
                throw error
            } catch {
                progress.warn("cache from \(place) is not used: \(error)")
            }
        }
        return caches
    }

    /// Fills the caches that are to be filled with what a build gave.
    func export(_ built: BuiltImage, _ options: CacheOptions) async throws {
        for option in options.destinations {
            guard let place = option.place else { continue }
            do {
                try await session.engine.exportCache(
                    of: built,
                    to: place,
                    isWhole: option.isWhole,
                    client: client
                )
                if !self.options.isQuiet { progress.note("wrote the build cache to \(place)") }
            } catch let error as CancellationError {
                throw error
            } catch {
                guard option.ignoresErrors else { throw error }
                progress.warn("the build cache \(place) was not written: \(error)")
            }
        }
    }
}
