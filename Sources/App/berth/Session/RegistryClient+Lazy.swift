import Logging
import Registry
import Synchronization

extension RegistryClient {
    /// A client that is made when the first pull wants it.
    final class Lazy: Sendable {
        private let made = Mutex<RegistryClient?>(nil)

        func client(logger: Logger) -> RegistryClient {
            made.withLock { made in
                let client =
                    made
                    ?? RegistryClient(
                        .ofMachine(environment: Machine.environment()),
                        logger: logger
                    )
                made = client
                return client
            }
        }
    }
}
