import Logging
package import OCI
import Synchronization

extension RegistryClient {
    /// Asks the mirrors of a reference's registry, in order, then the registry itself. A mirror that
    /// fails, however it fails, is passed over; one that cannot be reached is not asked again.
    func withMirrors<R>(
        of reference: ImageReference,
        _ body: (Target) async throws -> R
    ) async throws -> R {
        let target = Target(reference)
        for mirror in configuration.settings.mirrors[reference.domain] ?? []
        where !failedMirrors.withLock({ $0.contains(mirror) }) {
            let failure: RegistryError
            do {
                return try await body(target.at(mirror))
            } catch let error as RegistryError {
                failure = error
            } catch let fault as Transport.Fault {
                failure = target.at(mirror).error(fault.cause)
            }
            try Task.checkCancellation()
            switch failure.cause {
            case .unreachable, .untrusted, .plain, .timedOut, .wrongDigest, .wrongSize:
                failedMirrors.withLock { _ = $0.insert(mirror) }
                logger.warning("a mirror does not help: \(failure)")
            default: logger.info("a mirror does not help: \(failure)")
            }
        }
        return try await body(target)
    }

    /// Asks no mirror of a registry any more, since content that came from one was wrong; false
    /// when none was asked, so that the registry itself is to blame.
    package func abandonMirrors(of reference: ImageReference) -> Bool {
        let mirrors = configuration.settings.mirrors[reference.domain] ?? []
        return failedMirrors.withLock { failed in
            let asked = mirrors.contains { !failed.contains($0) }
            failed.formUnion(mirrors)
            return asked
        }
    }
}
